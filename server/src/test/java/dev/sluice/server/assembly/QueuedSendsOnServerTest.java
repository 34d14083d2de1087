package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.server.callback.Receiver;
import dev.sluice.server.settings.ServerSettings;
import dev.sluice.server.settings.SettingsLoader;
import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.LedgerEntry;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Queued calls through the whole server, on both stores, to a simulated Telegram that floods whoever is too fast. */
class QueuedSendsOnServerTest {
    private static final String TOKEN = "123456789:AAE-any-token-of-this-form-will-do_";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration BOUND = Duration.ofSeconds(40);

    @TempDir
    private Path directory;

    /** What messages of a chat may come closer together than a second on a machine that is busy; those of two limits come at once. */
    private static final Duration CLOSER = Duration.ofMillis(700);

    private static Simulator telegram;

    @BeforeAll
    static void startTelegram() {
        telegram = Simulator.start(
                SimulatorSettings.defaults().withFlood(FloodLimits.telegram().withTolerance(CLOSER)));
    }

    @AfterAll
    static void stopTelegram() {
        telegram.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_is_queued_reaches_telegram_within_its_limits(boolean embedded) throws Exception {
        try (var server = SluiceServer.start(settings(embedded, Map.of()), "1.2.3")) {
            for (int i = 0; i < 3; i++) {
                var answer = queue(server, 8_000 + (embedded ? 1 : 0), "text " + i);
                assertThat(answer.statusCode()).isEqualTo(202);
                assertThat(json(answer.body()).path("sluice").path("durable").asBoolean())
                        .isEqualTo(embedded);
            }

            awaits(server, "/metrics", text -> text.contains("sluice_queue_settled_total{ending=\"sent\"} 3.0"));
            var health = awaits(
                    server, "/health", text -> part(json(text)).path("backlog").asInt(9) == 0);
            assertThat(part(json(health)).path("status").asString()).isEqualTo("ok");
            assertThat(part(json(health)).path("backend").asString()).isEqualTo(embedded ? "redis" : "memory");
            assertThat(part(json(health)).path("survives_restart").asBoolean()).isEqualTo(embedded);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_chat_called_by_its_name_and_by_its_id_has_one_order_and_one_limit(boolean embedded) throws Exception {
        var name = "@shop_" + (embedded ? "shared" : "alone");
        long id = telegram.channelId(name);
        try (var server = SluiceServer.start(settings(embedded, Map.of()), "1.2.3")) {
            queue(server, "\"" + name + "\"", "first");
            awaits(server, "/metrics", text -> text.contains("sluice_queue_settled_total{ending=\"sent\"} 1.0"));
            for (int i = 0; i < 4; i++) {
                queue(server, i % 2 == 0 ? "\"" + name + "\"" : Long.toString(id), "text " + i);
            }

            awaits(server, "/metrics", text -> text.contains("sluice_queue_settled_total{ending=\"sent\"} 5.0"));
            assertThat(telegram.ledger().received(123456789, id))
                    .extracting(LedgerEntry::text)
                    .containsExactly("first", "text 0", "text 1", "text 2", "text 3");
            assertThat(telegram.ledger().flooded(123456789))
                    .extracting(LedgerEntry::chat)
                    .doesNotContain(id);
        }
    }

    @Test
    void what_a_gateway_stored_before_it_ended_a_worker_sends_after_a_restart() throws Exception {
        try (var gateway = SluiceServer.start(settings(true, Map.of()), Role.GATEWAY, "1.2.3")) {
            assertThat(queue(gateway, 8_100, "left behind").statusCode()).isEqualTo(202);
            assertThat(get(gateway.adminUrl() + "/metrics").body()).doesNotContain("sluice_queue_claimed_total");
        }
        try (var worker = SluiceServer.start(settings(true, Map.of()), Role.WORKER, "1.2.3")) {
            awaits(worker, "/metrics", text -> text.contains("sluice_queue_settled_total{ending=\"sent\"} 1.0"));
            assertThat(get(worker.url() + "/bot" + TOKEN + "/sendMessage?chat_id=1&text=x")
                            .statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void an_operator_queues_follows_and_takes_back_messages_of_a_registered_bot() throws Exception {
        try (var server = SluiceServer.start(settings(false, Map.of()), "1.2.3")) {
            var messages = server.adminUrl() + "/v1/bots/123456789/messages";
            var text = "{\"method\":\"sendMessage\",\"params\":{\"chat_id\":8200,\"text\":\"hi\"}";
            assertThat(post(messages, text + "}").statusCode()).isEqualTo(409);
            assertThat(post(server.adminUrl() + "/v1/bots", "{\"token\":\"" + TOKEN + "\"}")
                            .statusCode())
                    .isEqualTo(201);

            var accepted = post(messages, text + ",\"idempotency_key\":\"k\"}");
            assertThat(accepted.statusCode()).isEqualTo(202);
            var id = json(accepted.body()).path("id").asString();
            var again = post(messages, text + ",\"idempotency_key\":\"k\"}");
            assertThat(json(again.body()).path("id").asString()).isEqualTo(id);
            assertThat(json(again.body()).path("outcome").asString()).isEqualTo("duplicate");
            var sent = awaits(
                    server,
                    "/v1/messages/" + id,
                    shown -> json(shown).path("state").asString().equals("sent"));
            assertThat(json(sent).at("/result/result/text").asString()).isEqualTo("hi");

            var called = HttpRequest.newBuilder(URI.create(server.url() + "/bot" + TOKEN + "/sendMessage"))
                    .headers(
                            "Content-Type",
                            "application/json",
                            "Idempotency-Key",
                            "of a call",
                            "X-Sluice-Max-Wait",
                            "9")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"chat_id\":8200,\"text\":\"hi\"}"))
                    .build();
            assertThat(CLIENT.send(called, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
            var ofCall = post(messages, text + ",\"idempotency_key\":\"of a call\"}");
            assertThat(ofCall.statusCode()).isEqualTo(409);
            assertThat(ofCall.body()).contains("key-of-a-call", "completed");
            var mismatch = post(messages, text.replace("hi", "ho") + ",\"idempotency_key\":\"of a call\"}");
            assertThat(mismatch.statusCode()).isEqualTo(422);

            var later = post(messages, text + ",\"not_before\":\"2099-01-01T00:00:00Z\"}");
            assertThat(later.statusCode()).isEqualTo(400);
            var soon = Instant.parse(json(sent).path("accepted").asString()).plusSeconds(3600);
            var delayed = json(post(messages, text + ",\"not_before\":\"" + soon + "\"}")
                            .body())
                    .path("id")
                    .asString();
            var why = json(
                    get(server.adminUrl() + "/v1/messages/" + delayed + "/why").body());
            assertThat(why.path("hold").asString()).isEqualTo("not-before");
            assertThat(why.path("remaining_ms").asLong()).isBetween(3_500_000L, 3_600_000L);
            var delete = HttpRequest.newBuilder(URI.create(server.adminUrl() + "/v1/messages/" + delayed))
                    .DELETE()
                    .build();
            assertThat(CLIENT.send(delete, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(204);
            assertThat(json(get(server.adminUrl() + "/v1/messages/" + delayed).body())
                            .path("failure")
                            .asString())
                    .isEqualTo("cancelled");
            assertThat(post(messages, "{\"method\":\"getMe\",\"params\":{}}").statusCode())
                    .isEqualTo(400);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void many_short_texts_to_one_chat_become_one_message_that_all_of_them_share(boolean embedded) throws Exception {
        try (var server = SluiceServer.start(settings(embedded, Map.of()), "1.2.3")) {
            var bots = server.adminUrl() + "/v1/bots";
            post(bots, "{\"token\":\"" + TOKEN + "\",\"rules\":{\"join_texts\":true}}");
            post(server.adminUrl() + "/v1/queue/123456789/pause", "{}");
            long chat = 8_300L + (embedded ? 1 : 0);
            var ids = new ArrayList<String>();
            for (int i = 0; i < 7; i++) {
                var accepted = queue(server, chat, "text " + i);
                ids.add(json(accepted.body()).path("sluice").path("id").asString());
            }
            post(server.adminUrl() + "/v1/queue/123456789/resume", "{}");

            var shown = new HashSet<String>();
            for (String id : ids) {
                var sent = awaits(
                        server,
                        "/v1/messages/" + id,
                        message -> json(message).path("state").asString().equals("sent"));
                shown.add(json(sent).at("/result/result/message_id").asString());
                assertThat(json(sent).at("/result/result/text").asString()).startsWith("text 0\ntext 1\n");
            }
            assertThat(shown).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoever_asked_for_it_is_told_what_became_of_a_message(boolean embedded) throws Exception {
        var signed =
                Map.of("SLUICE_CALLBACK_SECRET", "a-secret-of-many-characters", "SLUICE_WEBHOOK_TARGETS", "127.0.0.1");
        try (var receiver = new Receiver();
                var server = SluiceServer.start(settings(embedded, signed), "1.2.3")) {
            post(server.adminUrl() + "/v1/bots", "{\"token\":\"" + TOKEN + "\"}");
            var messages = server.adminUrl() + "/v1/bots/123456789/messages";
            var call = "{\"method\":\"sendMessage\",\"params\":{\"chat_id\":8300,\"text\":\"hi\"},\"callback_url\":\"";

            var refused = post(messages, call + "http://10.0.0.1/secret\"}");
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body())
                    .contains("/callback_url", "SLUICE_WEBHOOK_TARGETS")
                    .doesNotContain("secret");
            var accepted = post(messages, call + receiver.url("/ends") + "\"}");
            assertThat(accepted.statusCode()).isEqualTo(202);
            var id = json(accepted.body()).path("id").asString();

            var told = awaits(
                    server,
                    "/v1/messages/" + id,
                    shown -> json(shown).at("/callback/state").asString().equals("told"));
            assertThat(json(told).at("/callback/tries").asInt()).isEqualTo(1);
            var heard = receiver.calls("/ends").getFirst();
            assertThat(heard.json().path("id").asString()).isEqualTo(id);
            assertThat(heard.json().path("message_id").asInt()).isPositive();
            assertThat(heard.json().at("/result/result/text").asString()).isEqualTo("hi");
            awaits(server, "/metrics", text -> text.contains("sluice_callbacks_seconds_count{outcome=\"told\"} 1"));
            assertThat(get(server.adminUrl() + "/health").body()).contains("\"callbacks\"");
        }
    }

    @Test
    void without_a_secret_nobody_can_be_called_back() throws Exception {
        try (var server = SluiceServer.start(settings(false, Map.of()), "1.2.3")) {
            post(server.adminUrl() + "/v1/bots", "{\"token\":\"" + TOKEN + "\"}");
            var refused = post(
                    server.adminUrl() + "/v1/bots/123456789/messages",
                    "{\"method\":\"sendMessage\",\"params\":{\"chat_id\":1,\"text\":\"hi\"},"
                            + "\"callback_url\":\"https://bot.example/\"}");

            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("SLUICE_CALLBACK_SECRET");
        }
    }

    private static HttpResponse<String> post(String url, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .timeout(BOUND)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return CLIENT.send(request, BodyHandlers.ofString());
    }

    private static JsonNode part(JsonNode health) {
        return health.path("parts")
                .valueStream()
                .filter(part -> part.path("name").asString().equals("queue"))
                .findFirst()
                .orElseThrow();
    }

    private static String awaits(SluiceServer server, String path, Predicate<String> expected) {
        return await().atMost(BOUND).until(() -> get(server.adminUrl() + path).body(), expected);
    }

    private static HttpResponse<String> queue(SluiceServer server, long chat, String text) throws Exception {
        return queue(server, Long.toString(chat), text);
    }

    private static HttpResponse<String> queue(SluiceServer server, String chat, String text) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.url() + "/bot" + TOKEN + "/sendMessage"))
                .header("Content-Type", "application/json")
                .header("Prefer", "respond-async")
                .timeout(BOUND)
                .POST(HttpRequest.BodyPublishers.ofString("{\"chat_id\":" + chat + ",\"text\":\"" + text + "\"}"))
                .build();
        return CLIENT.send(request, BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String url) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(url)).timeout(BOUND).build(), BodyHandlers.ofString());
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private ServerSettings settings(boolean embedded, Map<String, String> more) {
        var environment = new HashMap<>(more);
        environment.put("SLUICE_PORT", "0");
        environment.put("REDIS_TIMEOUT", "5");
        environment.put("SLUICE_DATA_DIR", directory.resolve("data").toString());
        environment.put("TELEGRAM_API_URL", telegram.url().toString());
        return new SettingsLoader(directory, environment, Map.of(), Optional.empty(), embedded, Set.of()).load();
    }
}
