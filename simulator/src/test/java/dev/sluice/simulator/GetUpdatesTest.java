package dev.sluice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class GetUpdatesTest {
    private static final long BOT = 1000;

    /** Longer than a busy machine lies between two conflicts in a row. */
    private static final Duration CONFLICT_DELAY = Duration.ofSeconds(2);

    private final Simulator simulator = Simulator.start(SimulatorSettings.defaults()
            .withUpdates(SimulatorSettings.Updates.defaults().withConflictDelay(CONFLICT_DELAY)));
    private final Caller caller =
            new Caller(simulator, simulator.addBot(BOT, "Shop").token());
    private final SimulatedUser user = simulator.user(42);

    @AfterEach
    void close() {
        simulator.close();
    }

    @Test
    void updates_repeat_until_an_offset_confirms_them() {
        write(3);
        List<Long> ids = ids(poll(Map.of()));
        assertThat(ids).hasSize(3).isSorted();
        assertThat(ids(poll(Map.of()))).as("nothing was confirmed").isEqualTo(ids);
        assertThat(ids(poll(Map.of("offset", ids.get(1))))).isEqualTo(ids.subList(1, 3));
        assertThat(ids(poll(Map.of()))).as("the first is gone for good").isEqualTo(ids.subList(1, 3));
        assertThat(ids(poll(Map.of("offset", ids.get(2) + 1)))).isEmpty();
        assertThat(pending()).isZero();
    }

    @Test
    void a_negative_offset_keeps_the_newest_and_forgets_the_rest() {
        write(5);
        List<Long> all = ids(poll(Map.of()));
        assertThat(ids(poll(Map.of("offset", -2)))).isEqualTo(all.subList(3, 5));
        assertThat(ids(poll(Map.of()))).isEqualTo(all.subList(3, 5));
    }

    @Test
    void a_limit_outside_1_to_100_is_100() {
        write(102);
        assertThat(ids(poll(Map.of("limit", 1)))).hasSize(1);
        assertThat(ids(poll(Map.of("limit", 0)))).hasSize(100);
        assertThat(ids(poll(Map.of("limit", 1000)))).hasSize(100);
    }

    @Test
    void a_long_poll_ends_with_the_first_update() {
        CompletableFuture<Caller.Reply> waiting = caller.callAsync("getUpdates", Map.of("timeout", 50));
        awaitCalls(1);
        user.sendText(BOT, "/start now");
        JsonNode update = Caller.await(waiting).result().get(0);
        assertThat(update.at("/message/text").asString()).isEqualTo("/start now");
        assertThat(update.at("/message/from/id").asLong()).isEqualTo(42);
        assertThat(update.at("/message/chat/type").asString()).isEqualTo("private");
        assertThat(update.at("/message/entities/0/length").asInt()).isEqualTo(6);
    }

    @Test
    void a_long_poll_ends_with_nothing_after_its_timeout() {
        assertThat(poll(Map.of("timeout", 1)).size()).isZero();
    }

    @Test
    void a_second_poll_ends_the_first_with_409_and_goes_on_itself() {
        CompletableFuture<Caller.Reply> first = caller.callAsync("getUpdates", Map.of("timeout", 50));
        awaitCalls(1);
        CompletableFuture<Caller.Reply> second = caller.callAsync("getUpdates", Map.of("timeout", 50));
        Caller.Reply ended = Caller.await(first);
        assertThat(ended.status()).isEqualTo(409);
        assertThat(ended.description()).startsWith("Conflict: terminated by other getUpdates request");
        user.sendText(BOT, "hello");
        assertThat(Caller.await(second).result().size()).isEqualTo(1);
    }

    @Test
    void conflicts_in_a_row_are_answered_late() {
        caller.call("setWebhook", Map.of("url", "http://127.0.0.1:9/")).result();
        Caller.Reply first = caller.call("getUpdates", Map.of());
        assertThat(first.status()).isEqualTo(409);
        assertThat(first.description()).contains("while webhook is active");
        long start = System.nanoTime();
        assertThat(caller.call("getUpdates", Map.of()).status()).isEqualTo(409);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(CONFLICT_DELAY.minusMillis(50));
    }

    @Test
    void a_webhook_ends_a_waiting_poll() {
        CompletableFuture<Caller.Reply> waiting = caller.callAsync("getUpdates", Map.of("timeout", 50));
        awaitCalls(1);
        caller.call("setWebhook", Map.of("url", "http://127.0.0.1:9/")).result();
        assertThat(Caller.await(waiting).description()).isEqualTo("Conflict: terminated by setWebhook request");
    }

    @Test
    void a_poller_that_left_loses_nothing() {
        CompletableFuture<Caller.Reply> left = caller.callAsync("getUpdates", Map.of("timeout", 50));
        awaitCalls(1);
        left.cancel(true);
        user.sendText(BOT, "hello");
        assertThat(poll(Map.of()).size()).isEqualTo(1);
    }

    @Test
    void only_allowed_types_are_queued_and_the_choice_stays() {
        poll(Map.of("allowed_updates", List.of("callback_query")));
        int message = user.sendText(BOT, "unheard");
        String query = user.press(BOT, message, "pay");
        JsonNode updates = poll(Map.of());
        assertThat(updates.size()).isEqualTo(1);
        assertThat(updates.at("/0/callback_query/data").asString()).isEqualTo("pay");
        assertThat(updates.at("/0/callback_query/message/message_id").asInt()).isEqualTo(message);
        assertThat(caller.call("answerCallbackQuery", Map.of("callback_query_id", query))
                        .result()
                        .asBoolean())
                .isTrue();
        assertThat(caller.call("answerCallbackQuery", Map.of("callback_query_id", query))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void users_edit_and_write_in_groups_and_bots_can_answer_them() {
        int inGroup = user.sendText(BOT, -7, "hi all");
        user.edit(BOT, -7, inGroup, "hi everyone");
        JsonNode updates = poll(Map.of());
        assertThat(updates.at("/0/message/chat/type").asString()).isEqualTo("group");
        assertThat(updates.at("/1/edited_message/text").asString()).isEqualTo("hi everyone");
        assertThat(caller.call("sendMessage", Map.of("chat_id", -7, "text", "hello", "reply_to_message_id", inGroup))
                        .result()
                        .at("/reply_to_message/text")
                        .asString())
                .isEqualTo("hi everyone");
        assertThat(caller.call("editMessageText", Map.of("chat_id", -7, "message_id", inGroup, "text", "no"))
                        .description())
                .isEqualTo("Bad Request: message can't be edited");
        assertThatThrownBy(() -> user.press(BOT, 12345, "x")).hasMessageContaining("no message 12345");
        assertThatThrownBy(() -> user.sendText(5, "x")).hasMessageContaining("no bot 5");
    }

    @Test
    void the_queue_is_bounded_and_drops_its_oldest() {
        try (Simulator small = Simulator.start(SimulatorSettings.defaults()
                .withBounds(SimulatorSettings.Bounds.defaults().withPendingUpdates(3)))) {
            Caller bot = new Caller(small, small.addBot(1, "B").token());
            for (int i = 0; i < 5; i++) {
                small.user(42).sendText(1, "m" + i);
            }
            assertThat(bot.call("getUpdates", Map.of())
                            .result()
                            .at("/0/message/text")
                            .asString())
                    .isEqualTo("m2");
        }
    }

    @Test
    void a_callback_expires_before_a_message() {
        try (Simulator quick = Simulator.start(SimulatorSettings.defaults()
                .withUpdates(
                        SimulatorSettings.Updates.defaults().withExpiry(Duration.ofHours(1), Duration.ofNanos(1))))) {
            Caller bot = new Caller(quick, quick.addBot(1, "B").token());
            int message = quick.user(42).sendText(1, "m");
            quick.user(42).press(1, message, "x");
            quick.user(42).sendText(1, "n");
            JsonNode updates = bot.call("getUpdates", Map.of()).result();
            assertThat(updates.size()).isEqualTo(2);
            assertThat(updates.findValues("callback_query")).isEmpty();
        }
    }

    private void write(int messages) {
        for (int i = 0; i < messages; i++) {
            user.sendText(BOT, "m" + i);
        }
    }

    private JsonNode poll(Map<String, ?> parameters) {
        return caller.call("getUpdates", parameters).result();
    }

    private int pending() {
        return caller.call("getWebhookInfo", Map.of())
                .result()
                .get("pending_update_count")
                .asInt();
    }

    private void awaitCalls(int count) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> simulator.ledger().calls(BOT, "getUpdates") == count);
    }

    private static List<Long> ids(JsonNode updates) {
        return StreamSupport.stream(updates.spliterator(), false)
                .map(update -> update.get("update_id").asLong())
                .toList();
    }
}
