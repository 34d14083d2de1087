package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.delivery.Deliveries;
import dev.sluice.delivery.DeliveryEvents;
import dev.sluice.delivery.DeliverySettings;
import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.simulator.BotAccount;
import dev.sluice.simulator.ChatState;
import dev.sluice.simulator.FaultEffect;
import dev.sluice.simulator.FaultRule;
import dev.sluice.simulator.LedgerEntry;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The real pipeline in memory, the simulator in Telegram's place. */
class GatewayOnSimulatorTest {
    private static final String[] PATIENT = {"X-Sluice-Max-Wait", "9"};

    private final Simulator telegram =
            Simulator.start(SimulatorSettings.defaults().withAnyToken(false));
    private final BotAccount bot = telegram.addBot(1000, "Shop");
    private Deliveries.Closeable delivery = Deliveries.inMemory(DeliverySettings.DEFAULT, DeliveryEvents.NONE);
    private GatewayFixture gateway;

    GatewayOnSimulatorTest() throws IOException {
        gateway = new GatewayFixture(telegram.url(), delivery);
    }

    /** Chats' turns so far apart that a busy machine does not reach the next one unnoticed. */
    private void slowDown() throws IOException {
        gateway.close();
        delivery.close();
        TelegramLimits usual = TelegramLimits.DOCUMENTED;
        var slow = new TelegramLimits(
                usual.bot(), usual.paid(), Limit.atMost(1, Duration.ofSeconds(5)), usual.group(), Optional.empty());
        delivery = Deliveries.inMemory(DeliverySettings.DEFAULT.withLimits(slow), DeliveryEvents.NONE);
        gateway = new GatewayFixture(telegram.url(), delivery);
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
        delivery.close();
        telegram.close();
    }

    @Test
    void text_photo_and_album_arrive_once_each() throws Exception {
        assertThat(json("sendMessage", "{\"chat_id\":1,\"text\":\"hi\"}").statusCode())
                .isEqualTo(200);
        assertThat(upload(
                                "sendPhoto",
                                Multipart.of("b")
                                        .file("photo", 200_000)
                                        .field("chat_id", "2")
                                        .end())
                        .statusCode())
                .isEqualTo(200);
        String media = "[{\"type\":\"photo\",\"media\":\"attach://a\"},{\"type\":\"photo\",\"media\":\"attach://b\"}]";
        HttpResponse<String> album = upload(
                "sendMediaGroup",
                Multipart.of("b")
                        .field("media", media)
                        .file("a", "1")
                        .file("b", "2")
                        .field("chat_id", "3")
                        .end());

        assertThat(album.statusCode()).as(album.body()).isEqualTo(200);
        assertThat(telegram.ledger().received(1000))
                .extracting(LedgerEntry::chat)
                .containsExactly(1L, 2L, 3L);
        assertThat(telegram.ledger().flooded(1000)).isEmpty();
        assertThat(telegram.ledger().calls(1000, "getMe")).isEqualTo(1);
    }

    @Test
    void the_second_message_to_a_chat_waits_for_its_turn_and_one_that_may_not_wait_is_429() throws Exception {
        slowDown();
        json("sendMessage", "{\"chat_id\":1,\"text\":\"a\"}");
        HttpResponse<String> now = json("sendMessage", "{\"chat_id\":1,\"text\":\"b\"}", "X-Sluice-Max-Wait", "0");
        HttpResponse<String> waited = json("sendMessage", "{\"chat_id\":1,\"text\":\"c\"}", PATIENT);

        assertThat(now.statusCode()).isEqualTo(429);
        assertThat(now.body()).contains("\"scope\":\"chat\"").containsPattern("\"retry_after\":[1-5]\\b");
        assertThat(waited.statusCode()).isEqualTo(200);
        assertThat(telegram.ledger().received(1000, 1))
                .extracting(LedgerEntry::text)
                .containsExactly("a", "c");
        assertThat(telegram.ledger().flooded(1000)).isEmpty();
    }

    @Test
    void a_repeat_under_the_same_key_gets_the_first_answer_and_other_content_is_422() throws Exception {
        HttpResponse<String> first =
                json("sendMessage", "{\"chat_id\":1,\"text\":\"a\"}", "Idempotency-Key", "order-17");
        HttpResponse<String> repeat =
                gateway.get(path("sendMessage") + "?text=a&chat_id=1&x-unrelated=", "Idempotency-Key", "order-17");
        HttpResponse<String> replay =
                json("sendMessage", "{\"text\":\"a\",\"chat_id\":\"1\"}", "Idempotency-Key", "order-17");

        assertThat(repeat.statusCode()).isEqualTo(422);
        assertThat(replay.statusCode()).isEqualTo(200);
        assertThat(replay.body()).isEqualTo(first.body());
        assertThat(replay.headers().firstValue("Idempotent-Replay")).contains("true");
        assertThat(telegram.ledger().received(1000)).hasSize(1);
    }

    @Test
    void a_migration_is_followed_with_the_body_as_it_was() throws Exception {
        telegram.setChat(-5, new ChatState.Migrated(-1005));
        HttpResponse<String> photo = upload(
                "sendPhoto",
                Multipart.of("b").file("photo", 100_000).field("chat_id", "-5").end());
        HttpResponse<String> text = json("sendMessage", "{\"chat_id\":-5,\"text\":\"hi\"}");

        assertThat(photo.statusCode()).as(photo.body()).isEqualTo(200);
        assertThat(text.statusCode()).as(text.body()).isEqualTo(200);
        assertThat(telegram.ledger().received(1000))
                .extracting(LedgerEntry::chat)
                .containsExactly(-1005L, -1005L);
        assertThat(telegram.ledger().count(1000, LedgerEntry.Outcome.REFUSED)).isEqualTo(1);
    }

    @Test
    void telegrams_refusals_come_back_as_they_are() throws Exception {
        telegram.setChat(7, new ChatState.Blocked());
        HttpResponse<String> blocked = json("sendMessage", "{\"chat_id\":7,\"text\":\"hi\"}");
        HttpResponse<String> missing = json("sendMessage", "{\"text\":\"hi\"}");

        assertThat(blocked.statusCode()).isEqualTo(403);
        assertThat(blocked.body()).contains("bot was blocked by the user");
        assertThat(missing.statusCode()).isEqualTo(400);
    }

    static List<FaultEffect> whatLeavesTheOutcomeInDoubt() {
        return List.of(
                new FaultEffect.ServerError(false),
                new FaultEffect.ServerError(true),
                new FaultEffect.BadGateway(false),
                new FaultEffect.BadGateway(true),
                new FaultEffect.ResetBefore(),
                new FaultEffect.ResetAfter(),
                new FaultEffect.TruncatedBody());
    }

    @ParameterizedTest
    @MethodSource("whatLeavesTheOutcomeInDoubt")
    void a_send_that_telegram_answers_with_a_5xx_html_or_a_reset_is_unknown_and_made_once(FaultEffect effect)
            throws Exception {
        telegram.faults().add(FaultRule.of(effect).onMethod("sendMessage").times(1));
        for (int i = 0; i < 2; i++) {
            HttpResponse<String> answer = json("sendMessage", "{\"chat_id\":1,\"text\":\"once\"}");

            assertThat(answer.statusCode()).isEqualTo(504);
            assertThat(answer.body()).contains("\"outcome\":\"unknown\"").doesNotContain("<html");
        }
        // What is reset before it has any effect is not in the books.
        long seen = effect instanceof FaultEffect.ResetBefore ? 0 : 1;
        assertThat(telegram.ledger().calls(1000, "sendMessage")).isEqualTo(seen);
    }

    @Test
    void a_conflict_of_webhook_and_polling_comes_back_as_it_is() throws Exception {
        json("setWebhook", "{\"url\":\"https://127.0.0.1:9/hook\"}");

        HttpResponse<String> conflict = json("getUpdates", "{}");

        assertThat(conflict.statusCode()).isEqualTo(409);
        assertThat(conflict.body()).contains("Conflict: ");
        assertThat(telegram.ledger().calls(1000, "getUpdates")).isEqualTo(1);
    }

    @Test
    void a_caller_that_leaves_while_waiting_has_sent_nothing() throws Exception {
        slowDown();
        json("sendMessage", "{\"chat_id\":1,\"text\":\"a\"}");
        try (Socket socket = gateway.connect()) {
            GatewayFixture.write(
                    socket,
                    GatewayFixture.rawPost(path("sendMessage"), "application/json", "{\"chat_id\":1,\"text\":\"b\"}")
                            .replace("Host: x", "Host: x\r\nX-Sluice-Max-Wait: 9"));
            await().until(() -> gateway.gateway.inFlight() == 1);
        }

        await().until(() -> gateway.gateway.inFlight() == 0);
        json("sendMessage", "{\"chat_id\":1,\"text\":\"c\"}", PATIENT);
        assertThat(telegram.ledger().received(1000, 1))
                .extracting(LedgerEntry::text)
                .containsExactly("a", "c");
    }

    @Test
    void a_wrong_token_of_the_same_bot_spends_nothing() throws Exception {
        json("sendMessage", "{\"chat_id\":1,\"text\":\"a\"}", "Idempotency-Key", "k");
        HttpResponse<String> wrong = gateway.post(
                "/bot1000:AAE-wrong/sendMessage",
                "application/json",
                "{\"chat_id\":1,\"text\":\"a\"}",
                "Idempotency-Key",
                "k");

        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.body()).doesNotContain("message_id");
    }

    private HttpResponse<String> json(String method, String body, String... headers) throws Exception {
        return gateway.post(path(method), "application/json", body, headers);
    }

    private HttpResponse<String> upload(String method, String body) throws Exception {
        return gateway.post(path(method), "multipart/form-data; boundary=b", body);
    }

    private String path(String method) {
        return "/bot" + bot.token() + "/" + method;
    }
}
