package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class WebhookTest {
    private static final long BOT = 1000;
    private static final String SECRET = "s-3_cret";

    private final Simulator simulator = Simulator.start(SimulatorSettings.defaults()
            .withFlood(FloodLimits.off())
            .withUpdates(SimulatorSettings.Updates.defaults()
                    .withWebhookRetries(Duration.ofMillis(20), Duration.ofMillis(80))
                    .withWebhookTimeout(Duration.ofSeconds(20))));
    private final Caller caller =
            new Caller(simulator, simulator.addBot(BOT, "Shop").token());
    private final WebhookReceiver receiver;

    WebhookTest() throws IOException {
        receiver = new WebhookReceiver();
    }

    @BeforeEach
    void listen() {
        receiver.answerWith(update -> WebhookReceiver.Reply.ok());
    }

    @AfterEach
    void close() {
        receiver.close();
        simulator.close();
    }

    @Test
    void updates_arrive_with_the_secret_and_are_gone_then() {
        set(Map.of("secret_token", SECRET));
        simulator.user(42).sendText(BOT, "hello");
        JsonNode update = receiver.await(1).getFirst();
        assertThat(update.at("/message/text").asString()).isEqualTo("hello");
        assertThat(receiver.secrets()).containsExactly(SECRET);
        awaitPending(0);
    }

    @Test
    void what_was_pending_is_delivered_when_a_webhook_is_set() {
        simulator.user(42).sendText(BOT, "early");
        set(Map.of());
        assertThat(receiver.await(1).getFirst().at("/message/text").asString()).isEqualTo("early");
    }

    @Test
    void pending_updates_can_be_dropped() {
        simulator.user(42).sendText(BOT, "early");
        set(Map.of("drop_pending_updates", true));
        simulator.user(42).sendText(BOT, "late");
        assertThat(receiver.await(1))
                .extracting(update -> update.at("/message/text").asString())
                .containsExactly("late");
    }

    @Test
    void a_chat_keeps_its_order_through_failures_and_does_not_hold_up_the_others() {
        receiver.answerWith(update -> {
            boolean stubborn = update.at("/message/from/id").asLong() == 1
                    && update.at("/message/text").asString().equals("m0");
            return stubborn && receiver.timesSeen(update) < 4
                    ? WebhookReceiver.Reply.status(500)
                    : WebhookReceiver.Reply.ok();
        });
        set(Map.of());
        for (int i = 0; i < 5; i++) {
            for (long user = 1; user <= 3; user++) {
                simulator.user(user).sendText(BOT, "m" + i);
            }
        }
        List<JsonNode> delivered = receiver.awaitDelivered(15);
        List<String> order = IntStream.range(0, 5).mapToObj(i -> "m" + i).toList();
        for (long user = 1; user <= 3; user++) {
            long from = user;
            assertThat(delivered.stream()
                            .filter(update -> update.at("/message/from/id").asLong() == from))
                    .extracting(update -> update.at("/message/text").asString())
                    .isEqualTo(order);
        }
        assertThat(receiver.await(18)).as("three failures, then each once").hasSize(18);
        awaitPending(0);
    }

    @Test
    void one_update_of_a_chat_is_under_way_at_a_time() {
        set(Map.of());
        for (int i = 0; i < 20; i++) {
            simulator.user(42).sendText(BOT, "m" + i);
        }
        receiver.awaitDelivered(20);
        assertThat(receiver.mostAtOnce()).isEqualTo(1);
    }

    @Test
    void max_connections_bounds_what_is_under_way() {
        set(Map.of("max_connections", 2));
        for (int user = 1; user <= 20; user++) {
            simulator.user(user).sendText(BOT, "hi");
        }
        receiver.awaitDelivered(20);
        assertThat(receiver.mostAtOnce()).isLessThanOrEqualTo(2);
    }

    @Test
    void the_last_error_is_told() {
        receiver.answerWith(update ->
                receiver.timesSeen(update) < 2 ? WebhookReceiver.Reply.status(503) : WebhookReceiver.Reply.ok());
        set(Map.of());
        simulator.user(42).sendText(BOT, "hi");
        receiver.awaitDelivered(1);
        JsonNode info = caller.call("getWebhookInfo", Map.of()).result();
        assertThat(info.get("last_error_message").asString())
                .isEqualTo("Wrong response from the webhook: 503 Service Unavailable");
        assertThat(info.get("last_error_date").asLong()).isPositive();
        assertThat(info.get("url").asString()).isEqualTo(receiver.url());
        assertThat(info.get("max_connections").asInt()).isEqualTo(40);
    }

    @Test
    void a_retry_after_is_waited_for() {
        receiver.answerWith(update ->
                receiver.timesSeen(update) == 1 ? WebhookReceiver.Reply.retryAfter(1) : WebhookReceiver.Reply.ok());
        set(Map.of());
        long start = System.nanoTime();
        simulator.user(42).sendText(BOT, "hi");
        receiver.awaitDelivered(1);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void nobody_listening_is_an_error_that_ends_when_somebody_does() {
        receiver.close();
        set(Map.of());
        simulator.user(42).sendText(BOT, "hi");
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> caller.call("getWebhookInfo", Map.of())
                        .result()
                        .path("last_error_message")
                        .asString("")
                        .equals("Connection refused"));
        caller.call("deleteWebhook", Map.of()).result();
        assertThat(caller.call("getUpdates", Map.of()).result().size())
                .as("not lost")
                .isEqualTo(1);
    }

    @Test
    void an_answer_that_names_a_method_is_run() {
        receiver.answerWith(update ->
                WebhookReceiver.Reply.body("{\"method\":\"sendMessage\",\"chat_id\":42,\"text\":\"welcome\"}"));
        set(Map.of());
        simulator.user(42).sendText(BOT, "/start");
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> !simulator.ledger().received(BOT, 42).isEmpty());
        assertThat(simulator.ledger().received(BOT, 42))
                .singleElement()
                .satisfies(entry -> assertThat(entry.text()).isEqualTo("welcome"));
    }

    private void set(Map<String, ?> further) {
        Map<String, Object> parameters = new java.util.HashMap<>(further);
        parameters.put("url", receiver.url());
        caller.call("setWebhook", parameters).result();
    }

    private void awaitPending(int count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> caller.call("getWebhookInfo", Map.of())
                                .result()
                                .get("pending_update_count")
                                .asInt()
                        == count);
    }
}
