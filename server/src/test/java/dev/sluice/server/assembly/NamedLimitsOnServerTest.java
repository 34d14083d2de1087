package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Named limits through whole servers: shared by replicas, changed under way, and what holds while Redis is away. */
class NamedLimitsOnServerTest extends OnServerFixture {
    private static final Duration BOUND = Duration.ofSeconds(20);

    @Test
    void replicas_share_a_limit_and_what_is_set_on_one_holds_on_the_other_with_the_next_question() throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis);
                var other = server(redis);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            set(one, "api", 30, "");
            var calls = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < 64; i++) {
                SluiceServer server = i % 2 == 0 ? one : other;
                calls.add(() -> acquire(server, "api", "{}").path("allowed").asBoolean());
            }
            int allowed = 0;
            for (var call : threads.invokeAll(calls)) {
                allowed += call.get() ? 1 : 0;
            }
            assertThat(allowed).isEqualTo(30);

            set(one, "api", 31, "");
            assertThat(acquire(other, "api", "{}").path("allowed").asBoolean()).isTrue();
            assertThat(acquire(other, "api", "{}").path("allowed").asBoolean()).isFalse();
            set(other, "api", 31, ",\"shadow\":true");
            assertThat(acquire(one, "api", "{}").path("shadow_denied").asBoolean())
                    .isTrue();
            assertThat(get(one, "/metrics") + get(other, "/metrics"))
                    .contains("sluice_limit_uses_total{limit=\"api\",outcome=\"allowed\",store=\"asked\"}")
                    .contains("sluice_limit_uses_total{limit=\"api\",outcome=\"denied\",store=\"asked\"}")
                    .contains("sluice_limit_uses_total{limit=\"api\",outcome=\"shadow_denied\",store=\"asked\"} 1.0");
        }
    }

    @Test
    void who_waits_passes_in_its_turn_and_at_once_when_the_limit_is_raised_through_another_replica() throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis);
                var other = server(redis);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            send(one, "PUT", "/v1/limits/api", "{\"limit\":1,\"window_ms\":300}");
            var turns = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < 6; i++) {
                SluiceServer server = i % 2 == 0 ? one : other;
                turns.add(() -> acquire(server, "api", "{\"wait_ms\":10000}")
                        .path("allowed")
                        .asBoolean());
            }
            for (var turn : threads.invokeAll(turns)) {
                assertThat(turn.get()).isTrue();
            }

            set(one, "slow", 1, "");
            acquire(one, "slow", "{}");
            var waiting = threads.submit(() -> acquire(one, "slow", "{\"wait_ms\":10000}"));
            await().atMost(BOUND).until(() -> get(one, "/metrics").contains("sluice_limit_waiting 1.0"));
            set(other, "slow", 2, "");
            assertThat(waiting.get().path("allowed").asBoolean()).isTrue();
        }
    }

    @Test
    void by_default_a_replica_goes_on_at_its_share_while_redis_is_away_and_asks_again_when_it_is_back()
            throws Exception {
        try (var redis = RedisFixture.start("appendonly yes", "appendfsync always");
                var server = server(redis)) {
            set(server, "api", 3, "");
            acquire(server, "api", "{}");
            redis.kill();
            for (int i = 1; i >= 0; i--) {
                var answer = acquire(server, "api", "{}");
                assertThat(answer.path("allowed").asBoolean()).isTrue();
                assertThat(answer.path("remaining").asInt()).isEqualTo(i);
                assertThat(answer.path("complete").asBoolean()).isFalse();
            }
            assertThat(acquire(server, "api", "{}").path("allowed").asBoolean()).isFalse();
            await().atMost(BOUND)
                    .untilAsserted(() -> assertThat(
                                    part(server, "named_limits").path("status").asString())
                            .isEqualTo("degraded"));
            assertThat(get(server, "/metrics"))
                    .contains("sluice_limit_store_away 1.0")
                    .contains("sluice_limit_uses_total{limit=\"api\",outcome=\"denied\",store=\"away\"} 1.0");
            assertThat(send(server, "PUT", "/v1/limits/api", "{\"limit\":9,\"window_ms\":9}")
                            .statusCode())
                    .isEqualTo(503);
            assertThat(send(server, "GET", "/v1/limits", "").body()).contains("urn:sluice:problem:store-unavailable");

            redis.restart();
            await().atMost(BOUND)
                    .untilAsserted(() -> assertThat(
                                    part(server, "named_limits").path("status").asString())
                            .isEqualTo("ok"));
            assertThat(acquire(server, "api", "{\"subject\":\"42\"}")
                            .path("complete")
                            .asBoolean())
                    .isTrue();
        }
    }

    @Test
    void closed_limits_are_refused_while_redis_is_away() throws Exception {
        try (var redis = RedisFixture.start();
                var server = server(redis, "SLUICE_ON_STORE_FAILURE_LIMITS", "closed")) {
            set(server, "api", 3, "");
            assertThat(part(server, "named_limits").path("without_store").asString())
                    .isEqualTo("closed");
            redis.kill();

            var refused = send(server, "POST", "/v1/limits/api/acquire", "{}");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        }
    }

    @Test
    void a_subject_is_in_no_answer_no_metric_and_no_key() throws Exception {
        try (var redis = RedisFixture.start();
                var server = server(redis)) {
            set(server, "api", 3, "");
            var answer = send(server, "POST", "/v1/limits/api/acquire", "{\"subject\":\"Secret-Ann\"}");

            List<String> shown = List.of(
                    answer.body() + answer.headers(),
                    get(server, "/v1/limits"),
                    get(server, "/v1/limits/api?subject=Secret-Ann"),
                    get(server, "/metrics"),
                    get(server, "/health"));
            assertThat(shown).noneMatch(text -> text.contains("Secret-Ann"));
            assertThat(redis.tell("KEYS *Ann*")).isEqualTo("*0");
            assertThat(redis.tell("KEYS sluice:rate_limit:{limits}:api:*")).isEqualTo("*1");
        }
    }

    private static void set(SluiceServer server, String name, int limit, String more) throws Exception {
        var body = "{\"limit\":" + limit + ",\"window_ms\":60000" + more + "}";
        assertThat(send(server, "PUT", "/v1/limits/" + name, body).statusCode()).isEqualTo(200);
    }

    private static JsonNode acquire(SluiceServer server, String name, String body) throws Exception {
        return JsonMapper.shared()
                .readTree(send(server, "POST", "/v1/limits/" + name + "/acquire", body)
                        .body());
    }
}
