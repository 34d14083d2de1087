package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Locks through whole servers: one holder over all replicas, waiting without asking again, closed while the store is away. */
@Timeout(120)
class LocksOnServerTest extends OnServerFixture {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final String LOCK = "/v1/locks/nightly%20report%2F1";

    private static JsonNode json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static JsonNode acquire(SluiceServer server, String body) throws Exception {
        return json(send(server, "POST", LOCK, body));
    }

    private static String by(JsonNode lock) {
        return "{\"owner\":\"" + lock.path("owner").asString() + "\"}";
    }

    @Test
    void one_of_many_callers_of_two_replicas_holds_a_lock_and_the_next_has_it_once_it_is_released() throws Exception {
        try (var redis = RedisFixture.start("appendonly yes", "appendfsync always");
                var one = server(redis);
                var other = server(redis);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            JsonNode mine = acquire(one, "");
            assertThat(mine.path("acquired").asBoolean()).isTrue();
            assertThat(mine.path("remaining_ms").asLong()).isEqualTo(30_000);
            JsonNode theirs = acquire(other, "{}");
            assertThat(theirs.path("acquired").asBoolean()).isFalse();
            assertThat(theirs.path("owner").isNull()).isTrue();
            assertThat(theirs.path("remaining_ms").asLong()).isBetween(1L, 30_000L);

            var waits = new ArrayList<Callable<JsonNode>>();
            for (int i = 0; i < 6; i++) {
                SluiceServer server = i % 2 == 0 ? one : other;
                waits.add(() -> {
                    JsonNode lock = acquire(server, "{\"wait_ms\":10000}");
                    assertThat(lock.path("acquired").asBoolean()).isTrue();
                    assertThat(send(server, "DELETE", LOCK, by(lock)).statusCode())
                            .isEqualTo(204);
                    return lock;
                });
            }
            var all = waits.stream().map(threads::submit).toList();
            await().atMost(BOUND)
                    .until(() ->
                            json(send(one, "GET", LOCK, "")).path("waiting").asInt() == 6);
            JsonNode seen = json(send(other, "GET", LOCK, ""));
            assertThat(seen.path("held").asBoolean()).isTrue();
            assertThat(seen.path("fence").asLong()).isEqualTo(mine.path("fence").asLong());
            assertThat(seen.toString()).doesNotContain(mine.path("owner").asString());
            assertThat(send(other, "PUT", LOCK, "{\"owner\":\"nobody-nobody-nobody\"}")
                            .statusCode())
                    .isEqualTo(409);
            assertThat(send(other, "PUT", LOCK, by(mine)).statusCode()).isEqualTo(204);
            assertThat(send(other, "DELETE", LOCK, by(mine)).statusCode()).isEqualTo(204);
            var fences = new HashSet<Long>();
            for (var wait : all) {
                JsonNode lock = wait.get(60, TimeUnit.SECONDS);
                assertThat(lock.path("fence").asLong())
                        .isGreaterThan(mine.path("fence").asLong());
                fences.add(lock.path("fence").asLong());
            }
            assertThat(fences).hasSize(6);
            assertThat(send(one, "DELETE", LOCK, by(mine)).body()).contains("urn:sluice:problem:lock-lost");
            assertThat(get(one, "/metrics") + get(other, "/metrics"))
                    .contains("sluice_locks_attempts_total{answer=\"acquired\"} ")
                    .contains("sluice_locks_attempts_total{answer=\"busy\"} 1.0")
                    .contains("sluice_locks_lost_total 1.0")
                    .contains("sluice_locks_wait_seconds_count");
            assertThat(part(one, "locks").path("survives_restart").asBoolean()).isTrue();
            assertThat(part(one, "jobs").path("backend").asString()).isEqualTo("redis");
        }
    }

    @Test
    void a_caller_that_leaves_while_it_waits_is_nobody_s_turn_and_one_with_its_own_owner_asks_again() throws Exception {
        try (var server = server(Map.of())) {
            JsonNode mine = acquire(server, "{\"lease_ms\":600000}");
            try (var socket = new Socket(
                    InetAddress.getLoopbackAddress(), server.adminUrl().getPort())) {
                String body = "{\"wait_ms\":10000}";
                socket.getOutputStream()
                        .write(("POST " + LOCK + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                        + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                                .getBytes(StandardCharsets.US_ASCII));
                await().atMost(BOUND)
                        .until(() -> json(send(server, "GET", LOCK, ""))
                                        .path("waiting")
                                        .asInt()
                                == 1);
            }
            await().atMost(BOUND)
                    .until(() ->
                            json(send(server, "GET", LOCK, "")).path("waiting").asInt() == 0);
            assertThat(send(server, "DELETE", LOCK, by(mine)).statusCode()).isEqualTo(204);

            String own = "{\"owner\":\"my-own-0123456789\"}";
            JsonNode first = acquire(server, own);
            JsonNode again = acquire(server, own);
            assertThat(again.path("acquired").asBoolean()).isTrue();
            assertThat(again.path("fence").asLong())
                    .isEqualTo(first.path("fence").asLong());
            assertThat(part(server, "locks").path("survives_restart").asBoolean())
                    .isFalse();
        }
    }

    @Test
    void what_is_no_request_is_refused_and_shows_nothing() throws Exception {
        try (var server = server(Map.of())) {
            for (String body : new String[] {
                "{\"lease_ms\":999}",
                "{\"lease_ms\":600001}",
                "{\"wait_ms\":10001}",
                "{\"owner\":\"secret owner\"}",
                "[]"
            }) {
                var answer = send(server, "POST", LOCK, body);
                assertThat(answer.statusCode()).as(body).isEqualTo(400);
                assertThat(answer.body()).doesNotContain("secret owner");
            }
            assertThat(send(server, "POST", "/v1/locks/" + "x".repeat(129), "").statusCode())
                    .isEqualTo(400);
            assertThat(send(server, "PUT", LOCK, "{}").statusCode()).isEqualTo(400);
            assertThat(json(send(server, "GET", LOCK, "")).path("held").asBoolean())
                    .isFalse();
        }
    }

    @Test
    void while_redis_is_frozen_nobody_gets_a_lock_and_the_part_says_so() throws Exception {
        try (var redis = RedisFixture.start();
                var patient = server(redis);
                var server = server(redis, "REDIS_TIMEOUT", "300ms")) {
            JsonNode mine = acquire(patient, "");
            redis.freeze();
            try {
                var answer = send(server, "POST", "/v1/locks/other", "{\"wait_ms\":500}");
                assertThat(answer.statusCode()).isEqualTo(503);
                assertThat(answer.body()).contains("store-unavailable");
                await().atMost(BOUND)
                        .until(() ->
                                part(server, "locks").path("status").asString().equals("degraded"));
            } finally {
                redis.thaw();
            }
            await().atMost(BOUND)
                    .until(() -> send(server, "PUT", LOCK, by(mine)).statusCode() == 204);
        }
    }
}
