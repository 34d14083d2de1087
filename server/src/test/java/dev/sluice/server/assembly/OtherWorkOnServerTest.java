package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Claims and events through whole servers: shared by replicas, kept by Redis, refused while it is away. */
@Timeout(120)
class OtherWorkOnServerTest extends OnServerFixture {
    private static final Duration BOUND = Duration.ofSeconds(20);

    @Test
    void of_64_callers_on_two_replicas_one_does_the_work_and_the_others_get_its_result() throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis);
                var other = server(redis);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<JsonNode>>();
            for (int i = 0; i < 64; i++) {
                SluiceServer server = i % 2 == 0 ? one : other;
                calls.add(() -> work(server));
            }
            int claimed = 0;
            for (var call : threads.invokeAll(calls)) {
                JsonNode answer = call.get();
                claimed += answer.path("claimed").asBoolean() ? 1 : 0;
                assertThat(answer.path("claimed").asBoolean()
                                || answer.path("result").asString("").equals("receipt-5"))
                        .isTrue();
            }
            assertThat(claimed).isEqualTo(1);
            String metrics = get(one, "/metrics") + get(other, "/metrics");
            assertThat(sum(metrics, "sluice_work_duplicates_prevented_total{kind=\"payment\"}"))
                    .isEqualTo(63);
            assertThat(sum(metrics, "sluice_work_calls_saved_total{kind=\"payment\"}"))
                    .isEqualTo(63);
            assertThat(sum(metrics, "sluice_work_claims_total{answer=\"new\",kind=\"payment\"}"))
                    .isEqualTo(1);
        }
    }

    /** What a program in another language does. */
    private static JsonNode work(SluiceServer server) throws Exception {
        JsonNode answer = post(server, "/v1/idempotency/order-17?kind=payment", "{\"wait_ms\":20000}");
        if (answer.path("claimed").asBoolean()) {
            var done = send(
                    server,
                    "POST",
                    "/v1/idempotency/order-17/complete?kind=payment",
                    "{\"fence\":" + answer.path("fence").asLong() + ",\"result\":\"receipt-5\"}");
            assertThat(done.statusCode()).isEqualTo(204);
        }
        return answer;
    }

    @Test
    void replicas_share_streams_whose_window_is_set() throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis, "SLUICE_EVENTS_MOST", "1000", "SLUICE_EVENTS_WINDOW", "1h");
                var other = server(redis, "SLUICE_EVENTS_MOST", "1000", "SLUICE_EVENTS_WINDOW", "1h")) {
            assertThat(post(one, "/v1/events/clicks", "{\"ids\":[\"a\",\"b\"]}")
                            .path("duplicates")
                            .asInt())
                    .isZero();
            assertThat(post(other, "/v1/events/clicks", "{\"ids\":[\"a\",\"c\"]}")
                            .path("new")
                            .toString())
                    .isEqualTo("[false,true]");
            for (int batch = 0; batch < 4; batch++) {
                int from = batch * 500;
                post(
                        one,
                        "/v1/events/clicks",
                        "{\"ids\":"
                                + JsonMapper.shared()
                                        .writeValueAsString(IntStream.range(from, from + 500)
                                                .mapToObj(Integer::toString)
                                                .toList())
                                + "}");
            }
            assertThat(post(one, "/v1/events/clicks", "{\"ids\":[\"a\"]}")
                            .path("duplicates")
                            .asInt())
                    .as("2,000 newer ones came")
                    .isZero();
            assertThat(get(other, "/metrics"))
                    .contains("sluice_events_total{seen=\"before\",stream=\"clicks\"} 1.0")
                    .contains("sluice_events_total{seen=\"first\",stream=\"clicks\"} 1.0");
        }
    }

    @Test
    void neither_keys_nor_ids_nor_results_can_be_read_in_redis_or_metrics() throws Exception {
        try (var redis = RedisFixture.start("appendonly yes", "appendfsync always");
                var server = server(redis, "SLUICE_SECRET_KEY", "ab".repeat(32))) {
            JsonNode mine = post(server, "/v1/idempotency/secret-key", "{\"fingerprint\":\"secret-content\"}");
            send(
                    server,
                    "POST",
                    "/v1/idempotency/secret-key/complete",
                    "{\"fence\":" + mine.path("fence").asLong() + ",\"result\":\"secret-result\"}");
            for (String repeated : List.of("secret-result", "another")) {
                var again = send(
                        server,
                        "POST",
                        "/v1/idempotency/secret-key/complete",
                        "{\"fence\":" + mine.path("fence").asLong() + ",\"result\":\"" + repeated + "\"}");
                assertThat(again.statusCode()).isEqualTo(repeated.equals("another") ? 409 : 204);
            }
            var failed = send(
                    server,
                    "POST",
                    "/v1/idempotency/secret-key/fail",
                    "{\"fence\":" + mine.path("fence").asLong() + ",\"reason\":\"secret-result\"}");
            assertThat(failed.statusCode()).as("ended in another way").isEqualTo(409);
            post(server, "/v1/events/clicks", "{\"ids\":[\"secret-id\"]}");
            assertThat(post(server, "/v1/idempotency/secret-key", "{\"fingerprint\":\"secret-content\"}")
                            .path("result")
                            .asString())
                    .isEqualTo("secret-result");

            assertThat(get(server, "/metrics")).doesNotContain("secret-");
            redis.kill();
            try (var files = Files.walk(redis.directory())) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                            .doesNotContain("secret-");
                }
            }
        }
    }

    @Test
    void without_redis_nothing_is_claimed_and_after_its_restart_what_was_kept_is_known() throws Exception {
        try (var redis = RedisFixture.start("appendonly yes", "appendfsync always");
                var server = server(redis)) {
            JsonNode mine = post(server, "/v1/idempotency/a", "{}");
            post(server, "/v1/events/clicks", "{\"ids\":[\"a\"]}");
            redis.kill();
            for (String path : List.of("/v1/idempotency/a", "/v1/idempotency/b", "/v1/events/clicks")) {
                var refused = send(server, "POST", path, path.contains("events") ? "{\"ids\":[\"b\"]}" : "{}");
                assertThat(refused.statusCode()).isEqualTo(503);
                assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            }

            redis.restart();
            String end = "{\"fence\":" + mine.path("fence").asLong() + ",\"result\":\"done\"}";
            await().atMost(BOUND)
                    .until(() -> send(server, "POST", "/v1/idempotency/a/complete", end)
                                    .statusCode()
                            == 204);
            assertThat(post(server, "/v1/idempotency/a", "{}").path("result").asString())
                    .isEqualTo("done");
            assertThat(post(server, "/v1/events/clicks", "{\"ids\":[\"a\"]}")
                            .path("duplicates")
                            .asInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void in_memory_it_works_alike() throws Exception {
        try (var server = server(Map.of())) {
            assertThat(work(server).path("claimed").asBoolean()).isTrue();
            assertThat(work(server).path("result").asString()).isEqualTo("receipt-5");
            assertThat(post(server, "/v1/events/clicks", "{\"ids\":[\"a\",\"a\"]}")
                            .path("new")
                            .toString())
                    .isEqualTo("[true,false]");
        }
    }

    private static double sum(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static JsonNode post(SluiceServer server, String path, String body) throws Exception {
        var answer = send(server, "POST", path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }
}
