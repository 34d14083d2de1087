package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.LedgerEntry.Outcome;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A bot's own limits, set through one replica, at another one, in front of a Telegram that takes everything. */
class BotLimitsOnServerTest extends OnServerFixture {
    private static final long BOT = 123456789;
    private static final String TOKEN = BOT + ":AAE-any-token-of-this-form-will-do_";
    private static final String LIMITS = "/v1/bots/" + BOT + "/limits";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration BOUND = Duration.ofSeconds(20);

    private static final String ANSWERS = "&reply_to_message_id=7&allow_sending_without_reply=true";

    private static Simulator telegram;

    @BeforeAll
    static void startTelegram() {
        telegram = Simulator.start(SimulatorSettings.defaults().withPort(0).withFlood(FloodLimits.off()));
    }

    @AfterAll
    static void stopTelegram() {
        telegram.close();
    }

    @Test
    void a_lowered_limit_holds_at_every_replica_and_a_raised_one_lets_those_go_who_wait_there() throws Exception {
        try (var redis = RedisFixture.start();
                var one = replica(redis);
                var other = replica(redis)) {
            long chat = 1_000;
            for (int i = 0; i < 5; i++) {
                assertThat(at(i % 2 == 0 ? one : other, ++chat).statusCode()).isEqualTo(200);
            }
            var set = set(one, "PUT", "{\"bot\":\"5/1h\"}");
            assertThat(set.path("bot").toString()).contains("5/1h", "\"set\"");
            assertThat(set.path("chat").path("from").asString()).isEqualTo("settings");
            long next = chat;
            await().atMost(BOUND).until(() -> at(other, next + 1).statusCode() == 429);
            assertThat(at(one, next + 2).statusCode()).isEqualTo(429);
            long sent = telegram.ledger().count(BOT, Outcome.ACCEPTED);

            var waiting = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (int i = 0; i < 6; i++) {
                waiting.add(waitingAt(i % 2 == 0 ? one : other, next + 10 + i));
            }
            var queued = queuedAt(other, next + 20);
            assertThat(queued.statusCode()).isEqualTo(202);
            await().atMost(BOUND)
                    .untilAsserted(() ->
                            assertThat(List.of(inFlight(one), inFlight(other))).containsExactly(3.0, 3.0));
            assertThat(telegram.ledger().count(BOT, Outcome.ACCEPTED)).isEqualTo(sent);

            set(one, "PATCH", "{\"bot\":\"1000/1s\"}");
            for (var call : waiting) {
                assertThat(call.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            }
            await().atMost(BOUND)
                    .until(() -> telegram.ledger().received(BOT, next + 20).size() == 1);
        }
    }

    @Test
    void what_waits_in_the_queue_goes_when_its_chats_limit_is_raised_through_another_replica() throws Exception {
        try (var redis = RedisFixture.start();
                var one = replica(redis);
                var worker = replica(redis)) {
            set(one, "PUT", "{\"chat\":\"1/1d\"}");
            await().atMost(BOUND)
                    .until(() ->
                            holds(worker).path("chat").path("from").asString().equals("set"));
            for (int i = 0; i < 3; i++) {
                queuedAt(one, 2_000);
            }
            await().atMost(BOUND)
                    .until(() -> telegram.ledger().received(BOT, 2_000).size() == 1);

            set(worker, "DELETE", "");
            await().atMost(BOUND)
                    .until(() -> telegram.ledger().received(BOT, 2_000).size() == 3);
        }
    }

    @Test
    void what_was_set_survives_a_restart_and_ends_with_redis_data() throws Exception {
        try (var redis = RedisFixture.start()) {
            try (var before = replica(redis)) {
                set(before, "PUT", "{\"bot\":\"1/1h\",\"user\":\"1/60s\",\"replies\":\"off\"}");
                assertThat(at(before, 3_001).statusCode()).isEqualTo(200);
            }
            try (var after = replica(redis)) {
                assertThat(at(after, 3_002).statusCode()).isEqualTo(429);
                assertThat(holds(after).path("bot").path("from").asString()).isEqualTo("set");
                assertThat(holds(after).path("replies").toString()).contains("off", "set");
                redis.tell("FLUSHALL");
                await().atMost(BOUND).until(() -> at(after, 3_003).statusCode() == 200);
                assertThat(holds(after).path("bot").toString()).contains("1000/1s", "settings");
            }
        }
    }

    @Test
    void in_shadow_mode_calls_and_queued_messages_pass_and_are_counted_by_the_limit_that_would_have_held_them()
            throws Exception {
        try (var redis = RedisFixture.start();
                var one = replica(redis);
                var other = replica(redis)) {
            set(one, "PUT", "{\"bot\":\"1/1h\",\"chat\":\"1/1h\",\"shadow\":true}");
            await().atMost(BOUND).until(() -> {
                int first = at(other, 4_001).statusCode();
                int second = at(other, 4_001).statusCode();
                return first == 200 && second == 200;
            });
            for (int i = 0; i < 4; i++) {
                assertThat(at(one, 4_002).statusCode()).isEqualTo(200);
                assertThat(at(other, 4_002).statusCode()).isEqualTo(200);
            }
            queuedAt(one, 4_003);
            queuedAt(one, 4_003);
            await().atMost(BOUND)
                    .until(() -> telegram.ledger().received(BOT, 4_003).size() == 2);
            await().atMost(BOUND)
                    .untilAsserted(() -> assertThat(get(one, "/metrics"))
                            .containsPattern("sluice_limit_shadow_denied_total\\{limit=\"(bot|chat)\"} [1-9]"));

            set(other, "PATCH", "{\"shadow\":false}");
            await().atMost(BOUND).until(() -> at(one, 4_009).statusCode() == 429);
            assertThat(at(other, 4_009).statusCode()).isEqualTo(429);
        }
    }

    @Test
    void replies_pass_beside_a_bot_whose_own_limit_is_full() throws Exception {
        try (var redis = RedisFixture.start();
                var server = replica(redis)) {
            assertThat(send(server, "POST", "/v1/bots", "{\"token\":\"" + TOKEN + "\"}")
                            .statusCode())
                    .isEqualTo(201);
            set(server, "PUT", "{\"bot\":\"1/1h\",\"replies\":\"4/1h\"}");
            assertThat(at(server, 5_001).statusCode()).isEqualTo(200);
            assertThat(at(server, 5_002).statusCode()).isEqualTo(429);

            assertThat(call(
                                    server,
                                    5_003,
                                    "&reply_parameters=%7B%22message_id%22:7,%22allow_sending_without_reply%22:true%7D",
                                    "X-Sluice-Max-Wait",
                                    "0")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(call(server, 5_004, "", "X-Sluice-Max-Wait", "0", "X-Sluice-Reply", "true")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(call(server, 5_005, ANSWERS, "X-Sluice-Max-Wait", "0", "X-Sluice-Reply", "false")
                            .statusCode())
                    .isEqualTo(429);
            assertThat(call(server, 5_006, ANSWERS, "Prefer", "respond-async").statusCode())
                    .isEqualTo(202);
            var message = "{\"method\":\"sendMessage\",\"params\":{\"chat_id\":5007,\"text\":\"x\"},\"reply\":true}";
            assertThat(send(server, "POST", "/v1/bots/" + BOT + "/messages", message)
                            .statusCode())
                    .isEqualTo(202);
            for (long chat : List.of(5_006L, 5_007L)) {
                await().atMost(BOUND)
                        .until(() -> telegram.ledger().received(BOT, chat).size() == 1);
            }
            assertThat(call(server, 5_008, "", "X-Sluice-Max-Wait", "0", "X-Sluice-Reply", "true")
                            .statusCode())
                    .isEqualTo(429);
        }
    }

    @Test
    void what_is_no_limit_is_refused_with_what_is_accepted_and_changes_nothing() throws Exception {
        try (var redis = RedisFixture.start();
                var server = replica(redis)) {
            set(server, "PUT", "{\"bot\":\"7/1s\"}");
            for (String wrong : List.of(
                    "{\"bot\":\"20000/1s\"}",
                    "{\"chat\":\"1/32d\"}",
                    "{\"bot\":\"off\"}",
                    "{\"bot\":7}",
                    "{\"bots\":\"1/1s\"}",
                    "{\"shadow\":\"yes\"}")) {
                var refused = send(server, "PATCH", LIMITS, wrong);
                assertThat(refused.statusCode()).as(wrong).isEqualTo(400);
                assertThat(refused.body()).contains("urn:sluice:problem:malformed");
            }
            assertThat(send(server, "PUT", LIMITS, "{\"chat\":\"10001/1s\"}").body())
                    .contains("/chat", "1 to 10000 messages in 1ms to 31d");
            assertThat(holds(server).path("bot").path("limit").asString()).isEqualTo("7/1s");
            assertThat(holds(server).path("chat").path("from").asString()).isEqualTo("settings");
        }
    }

    private SluiceServer replica(RedisProcess redis) {
        return server(
                redis,
                "TELEGRAM_API_URL",
                telegram.url().toString(),
                "RATE_LIMIT_GLOBAL_CAPACITY",
                "1000",
                "RATE_LIMIT_GLOBAL_REFILL_RATE",
                "1000",
                "RATE_LIMIT_CHAT_CAPACITY",
                "1000",
                "RATE_LIMIT_CHAT_REFILL_RATE",
                "1000");
    }

    private static JsonNode set(SluiceServer server, String method, String body) throws Exception {
        var answer = send(server, method, LIMITS, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body()).path("holds");
    }

    private static JsonNode holds(SluiceServer server) throws Exception {
        return JsonMapper.shared().readTree(get(server, LIMITS)).path("holds");
    }

    private static double inFlight(SluiceServer server) throws Exception {
        return get(server, "/metrics")
                .lines()
                .filter(line -> line.startsWith("sluice_in_flight "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .findFirst()
                .orElse(-1);
    }

    /** One call that decides at once. */
    private static HttpResponse<String> at(SluiceServer server, long chat) throws Exception {
        return call(server, chat, "", "X-Sluice-Max-Wait", "0");
    }

    private static HttpResponse<String> queuedAt(SluiceServer server, long chat) throws Exception {
        return call(server, chat, "", "Prefer", "respond-async");
    }

    private static CompletableFuture<HttpResponse<String>> waitingAt(SluiceServer server, long chat) {
        return CLIENT.sendAsync(request(server, chat, "", "X-Sluice-Max-Wait", "60"), BodyHandlers.ofString());
    }

    private static HttpResponse<String> call(SluiceServer server, long chat, String more, String... headers)
            throws Exception {
        return CLIENT.send(request(server, chat, more, headers), BodyHandlers.ofString());
    }

    private static HttpRequest request(SluiceServer server, long chat, String more, String... headers) {
        // Each text another: twins are another test's.
        String text = "&text=" + System.nanoTime();
        return HttpRequest.newBuilder(
                        URI.create(server.url() + "/bot" + TOKEN + "/sendMessage?chat_id=" + chat + text + more))
                .timeout(Duration.ofSeconds(80))
                .headers(headers)
                .build();
    }
}
