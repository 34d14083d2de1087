package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Users' messages through whole servers: shared by replicas, kept by Redis, and what holds while it is away. */
class BudgetsOnServerTest extends OnServerFixture {
    private static final Duration BOUND = Duration.ofSeconds(20);

    @Test
    void replicas_share_budgets_and_exactly_as_many_pass_as_there_are() throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis);
                var other = server(redis);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < 40 * 5; i++) {
                SluiceServer server = i % 2 == 0 ? one : other;
                int user = 1 + i % 5;
                calls.add(() -> consume(server, user, "").path("allowed").asBoolean());
            }
            int allowed = 0;
            for (var call : threads.invokeAll(calls)) {
                allowed += call.get() ? 1 : 0;
            }
            assertThat(allowed).isEqualTo(30 * 5);
            assertThat(budget(one, 1).path("rejected").asInt()).isEqualTo(10);
            assertThat(get(one, "/metrics") + get(other, "/metrics"))
                    .contains("sluice_budget_messages_total{outcome=\"allowed\",store=\"asked\"}")
                    .contains("sluice_budget_messages_total{outcome=\"exhausted\",store=\"asked\"}");
        }
    }

    @ParameterizedTest
    @CsvSource({"no,false", "yes,true"})
    void health_says_whether_counters_survive_a_restart_and_they_do(String appendOnly, boolean survive)
            throws Exception {
        try (var redis = RedisFixture.start("appendonly " + appendOnly, "appendfsync always");
                var server = server(redis, "WHITELISTED_USERS", "7, @ann")) {
            consume(server, 42, "");
            var part = part(server, "budgets");
            assertThat(part.path("backend").asString()).isEqualTo("redis");
            assertThat(part.path("status").asString()).isEqualTo("ok");
            assertThat(part.path("survives_restart").asBoolean()).isEqualTo(survive);
            assertThat(part.path("limit").asInt()).isEqualTo(30);
            assertThat(part.path("window").asString()).isEqualTo("PT24H from the first message");
            assertThat(part.path("whitelisted").asInt()).isEqualTo(2);
            assertThat(part.path("without_store").asString()).isEqualTo("open");

            redis.restart();
            await().atMost(BOUND)
                    .untilAsserted(
                            () -> assertThat(budget(server, 42).path("count").asInt(-1))
                                    .isEqualTo(survive ? 1 : 0));
        }
    }

    @Test
    void in_memory_nothing_survives_and_health_says_so() throws Exception {
        // Midnight is hours away.
        var zone = ZoneOffset.ofHours(12 - OffsetDateTime.now(ZoneOffset.UTC).getHour());
        try (var server = server(
                Map.of("MESSAGE_LIMIT", "1", "MESSAGE_LIMIT_WINDOW", "day", "MESSAGE_LIMIT_ZONE", zone.getId()))) {
            assertThat(consume(server, 42, "").path("allowed").asBoolean()).isTrue();
            assertThat(consume(server, 42, "").path("allowed").asBoolean()).isFalse();
            assertThat(part(server, "budgets").path("survives_restart").asBoolean(true))
                    .isFalse();
            assertThat(part(server, "budgets").path("backend").asString()).isEqualTo("memory");
            assertThat(part(server, "budgets").path("window").asString()).isEqualTo("day in " + zone.getId());
        }
    }

    @Test
    void by_default_all_pass_while_redis_is_away_and_are_counted_when_it_is_back() throws Exception {
        try (var redis = RedisFixture.start("appendonly yes", "appendfsync always");
                var server = server(redis, "MESSAGE_LIMIT", "3")) {
            consume(server, 42, "");
            redis.kill();
            awaitAway(server);
            for (int i = 0; i < 5; i++) {
                var answer = consume(server, 42, "");
                assertThat(answer.path("allowed").asBoolean()).isTrue();
                assertThat(answer.path("complete").asBoolean()).isFalse();
            }
            assertThat(get(server, "/metrics"))
                    .contains("sluice_budget_store_away 1.0")
                    .contains("sluice_budget_messages_total{outcome=\"allowed\",store=\"away\"} 5.0");
            var listed = send(server, "GET", "/v1/budgets", "");
            assertThat(listed.statusCode()).isEqualTo(503);
            assertThat(listed.body()).contains("urn:sluice:problem:store-unavailable");

            redis.restart();
            await().atMost(BOUND)
                    .until(() -> consume(server, 42, "").path("complete").asBoolean());
            await().atMost(BOUND).until(() -> budget(server, 42).path("count").asInt() >= 6);
            assertThat(consume(server, 42, "").path("allowed").asBoolean()).isFalse();
            assertThat(part(server, "budgets").path("status").asString()).isEqualTo("ok");
        }
    }

    @Test
    void a_replica_that_nobody_asks_any_more_counts_what_passed_when_redis_is_back_and_one_that_stops_before_it_does()
            throws Exception {
        try (var redis = RedisFixture.start("appendonly yes", "appendfsync always");
                var other = server(redis)) {
            try (var server = server(redis)) {
                consume(server, 42, "");
                redis.kill();
                awaitAway(server);
                consume(server, 42, "");
                consume(server, 43, "");
                redis.restart();
                await().atMost(BOUND)
                        .until(() -> budget(other, 42).path("count").asInt() == 2);
                await().atMost(BOUND)
                        .until(() -> budget(other, 43).path("count").asInt() == 1);
                await().atMost(BOUND).until(() -> get(server, "/metrics").contains("sluice_budget_store_away 0.0"));
                assertThat(part(server, "budgets").path("status").asString()).isEqualTo("ok");

                redis.tell("CONFIG SET maxmemory 1");
                consume(server, 44, "");
                redis.tell("CONFIG SET maxmemory 0");
            }
            assertThat(budget(other, 44).path("count").asInt()).isEqualTo(1);
        }
    }

    @Test
    void a_redis_that_takes_no_writes_is_an_outage_on_replicas_that_nobody_asks_too() throws Exception {
        try (var redis = RedisFixture.start("maxmemory-policy noeviction");
                var server = server(redis)) {
            assertThat(part(server, "store").path("status").asString()).isEqualTo("ok");
            redis.tell("CONFIG SET maxmemory 1");
            for (String name : List.of("store", "budgets", "named_limits")) {
                await().atMost(BOUND)
                        .until(() ->
                                part(server, name).path("status").asString().equals("degraded"));
            }
            assertThat(part(server, "store").path("problem").asString())
                    .isEqualTo("calls go on without it: out_of_memory");
            assertThat(send(server, "GET", "/v1/budgets/42", "").statusCode()).isEqualTo(200);
            assertThat(part(server, "budgets").path("status").asString())
                    .as("a mere look is answered")
                    .isEqualTo("degraded");
            assertThat(get(server, "/metrics"))
                    .contains(
                            "sluice_budget_store_away 1.0",
                            "sluice_limit_store_away 1.0",
                            "sluice_redis_store_away 1.0")
                    .contains("sluice_redis_outages_total 1.0");

            redis.tell("CONFIG SET maxmemory 0");
            for (String name : List.of("store", "budgets", "named_limits")) {
                await().atMost(BOUND)
                        .until(() ->
                                part(server, name).path("status").asString().equals("ok"));
            }
        }
    }

    @Test
    void closed_budgets_are_refused_while_redis_is_away() throws Exception {
        try (var redis = RedisFixture.start();
                var server = server(redis, "SLUICE_ON_STORE_FAILURE_BUDGETS", "closed")) {
            redis.kill();

            var refused = send(server, "POST", "/v1/budgets/42/consume", "{}");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            assertThat(refused.body()).contains("urn:sluice:problem:store-unavailable");
        }
    }

    @Test
    void a_name_is_in_no_answer_no_metric_and_no_key() throws Exception {
        try (var redis = RedisFixture.start();
                var server = server(redis, "WHITELISTED_USERS", "@Secret_Ann")) {
            assertThat(consume(server, 42, "{\"username\":\"secret_ann\"}")
                            .path("exempt")
                            .asBoolean())
                    .isTrue();

            List<String> shown = List.of(
                    get(server, "/v1/budgets"),
                    get(server, "/metrics"),
                    get(server, "/health"),
                    redis.tell("KEYS *ann*"));
            assertThat(shown).noneMatch(text -> text.toLowerCase(Locale.ROOT).contains("secret_ann"));
            assertThat(redis.tell("KEYS *ann*")).isEqualTo("*0");
            assertThat(redis.tell("KEYS sluice:budget:{42}:messages")).isEqualTo("*1");
        }
    }

    /** What is under way when Redis dies is in doubt, and is counted at most once: none is under way from here on. */
    private static void awaitAway(SluiceServer server) {
        await().atMost(BOUND)
                .until(() -> part(server, "budgets").path("status").asString().equals("degraded"));
    }

    private static JsonNode consume(SluiceServer server, int user, String body) throws Exception {
        return JsonMapper.shared()
                .readTree(send(server, "POST", "/v1/budgets/" + user + "/consume", body)
                        .body());
    }

    private static JsonNode budget(SluiceServer server, int user) throws Exception {
        return JsonMapper.shared().readTree(get(server, "/v1/budgets/" + user));
    }
}
