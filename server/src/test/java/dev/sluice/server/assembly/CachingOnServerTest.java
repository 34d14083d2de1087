package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Who has access, through whole servers: shared by replicas, cached, and what holds while Redis is away. */
class CachingOnServerTest extends OnServerFixture {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final String ANN = "/v1/access/123456/42";

    @Test
    void a_payment_told_to_one_replica_is_seen_by_the_other() throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis);
                var other = server(redis)) {
            await().atMost(BOUND)
                    .until(() -> part(other, "cache").path("hears").asString().equals("tracking"));
            assertThat(reason(other)).isEqualTo("unknown");
            say(one, "trial");
            await().atMost(BOUND).until(() -> reason(other).equals("trial"));
            for (int i = 0; i < 10; i++) {
                say(one, "paid" + i);
                String expected = "paid" + i;
                await().atMost(BOUND).until(() -> reason(other).equals(expected));
            }
            assertThat(get(other, "/metrics"))
                    .contains("sluice_cache_reads_total{cache=\"access_state\",outcome=\"miss\"}")
                    .contains("sluice_cache_deaf 0.0");
            assertThat(part(one, "cache").path("status").asString()).isEqualTo("ok");
            assertThat(part(one, "cache").path("backend").asString()).isEqualTo("redis");
        }
    }

    @Test
    void what_is_known_goes_on_to_be_told_for_a_while_when_redis_dies_and_is_refused_later() throws Exception {
        try (var redis = RedisFixture.start("appendonly yes", "appendfsync always");
                var server = server(redis)) {
            await().atMost(BOUND)
                    .until(() -> part(server, "cache").path("hears").asString().equals("tracking"));
            say(server, "paid");
            // Until it is read without Redis.
            await().atMost(BOUND)
                    .until(() -> reason(server).equals("paid")
                            && get(server, "/metrics")
                                    .lines()
                                    .anyMatch(
                                            line -> line.matches("sluice_cache_reads_total\\{.*hit_local.*} [1-9].*")));
            redis.kill();
            assertThat(reason(server)).isEqualTo("paid");
            await().atMost(BOUND)
                    .until(() -> part(server, "cache").path("status").asString().equals("degraded"));
            await().atMost(BOUND).until(() -> send(server, "GET", ANN, "").statusCode() == 503);
            assertThat(send(server, "PUT", ANN, "{\"has_access\":true,\"reason\":\"paid\"}")
                            .statusCode())
                    .isEqualTo(503);

            redis.restart();
            await().atMost(BOUND).until(() -> send(server, "GET", ANN, "").statusCode() == 200);
            assertThat(reason(server)).isEqualTo("paid");
        }
    }

    @Test
    void caches_may_have_a_redis_of_their_own() throws Exception {
        try (var redis = RedisFixture.start();
                var caches = RedisFixture.start();
                var server = server(redis, "REDIS_CACHE_URL", caches.uri(), "REDIS_TTL_ACCESS_STATE", "600")) {
            say(server, "paid");
            assertThat(reason(server)).isEqualTo("paid");
            assertThat(caches.tell("EXISTS sluice:access_state:{123456_42}:access_state"))
                    .isEqualTo(":1");
            assertThat(redis.tell("EXISTS sluice:access_state:{123456_42}:access_state"))
                    .isEqualTo(":0");
            assertThat(redis.tell("EXISTS sluice:access:{123456_42}:state")).isEqualTo(":1");
        }
    }

    @Test
    void in_memory_and_with_the_cache_off_it_is_told_all_the_same() throws Exception {
        try (var server = server(Map.of("SLUICE_CACHE_ACCESS_STATE", "off"))) {
            say(server, "paid");
            assertThat(reason(server)).isEqualTo("paid");
            assertThat(part(server, "cache").path("backend").asString()).isEqualTo("memory");
            assertThat(get(server, "/v1/openapi.json")).contains("/v1/access/{bot}/{user}");
        }
    }

    private static void say(SluiceServer server, String reason) throws Exception {
        var answer = send(server, "PUT", ANN, "{\"has_access\":true,\"reason\":\"" + reason + "\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains(reason);
    }

    private static String reason(SluiceServer server) throws Exception {
        return JsonMapper.shared().readTree(get(server, ANN)).path("reason").asString();
    }
}
