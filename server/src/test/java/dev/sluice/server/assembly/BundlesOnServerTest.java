package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import io.lettuce.core.RedisClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Bundles through whole servers, as a bot in another language sees them. */
@Timeout(120)
class BundlesOnServerTest extends OnServerFixture {
    private static final Duration BOUND = Duration.ofSeconds(20);

    /** A pause that no line makes on its way to its bundle, however busy the machine. */
    private static final String LONG = "4s";

    private static final String BOT = "/v1/bundles/123456";

    private static HttpResponse<String> bring(SluiceServer server, long id, String text) throws Exception {
        return send(
                server,
                "POST",
                BOT,
                "{\"chat\":7,\"message_id\":" + id + ",\"date\":1800000000,\"text\":\"" + text + "\"}");
    }

    private static JsonNode brought(SluiceServer server, long id, String text) throws Exception {
        var answer = bring(server, id, text);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static List<JsonNode> take(SluiceServer server, String query) throws Exception {
        var answer = send(server, "GET", BOT + query, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared()
                .readTree(answer.body())
                .path("bundles")
                .valueStream()
                .toList();
    }

    private static int end(SluiceServer server, String method, JsonNode bundle, String tail) throws Exception {
        String path = BOT + "/" + bundle.path("id").asString() + tail;
        return send(server, method, path, "{\"fence\":" + bundle.path("fence").asLong() + "}")
                .statusCode();
    }

    private static List<String> everything(RedisProcess redis) {
        try (RedisClient client = RedisClient.create(redis.uri())) {
            var commands = client.connect().sync();
            var all = new ArrayList<>(commands.keys("*"));
            for (String key : commands.keys("sluice:talkbuf:*:messages:*")) {
                all.addAll(commands.lrange(key, 0, -1));
            }
            return all;
        }
    }

    @Test
    void lines_brought_to_two_replicas_are_taken_as_one_text_and_settled_once() throws Exception {
        try (var redis = RedisFixture.start("appendonly yes", "appendfsync always");
                var one = server(redis, "SLUICE_TALKBUF_QUIET", LONG);
                var other = server(redis, "SLUICE_TALKBUF_QUIET", LONG);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = threads.submit(() -> take(other, "?wait_ms=10000&limit=5"));
            assertThat(brought(one, 2, "secret words").path("shared").asBoolean())
                    .isTrue();
            brought(other, 1, "hello");
            assertThat(brought(other, 2, "secret words").path("duplicate").asBoolean())
                    .isTrue();
            assertThat(everything(redis))
                    .isNotEmpty()
                    .noneMatch(entry -> entry.contains("secret") || entry.contains("hello"));
            List<JsonNode> taken = waiting.get(30, TimeUnit.SECONDS);
            assertThat(taken).hasSize(1);
            JsonNode bundle = taken.getFirst();
            assertThat(bundle.path("text").asString()).isEqualTo("hello\nsecret words");
            assertThat(bundle.path("user").asLong()).isEqualTo(7);
            assertThat(bundle.path("messages").path(0).path("date").asLong()).isEqualTo(1_800_000_000);
            assertThat(take(one, "")).isEmpty();
            assertThat(end(one, "PUT", bundle, "")).isEqualTo(204);
            assertThat(end(one, "DELETE", bundle, "")).isEqualTo(204);
            assertThat(end(other, "DELETE", bundle, "")).as("once more").isEqualTo(204);
            assertThat(end(other, "PUT", bundle, "")).isEqualTo(409);
            assertThat(part(one, "bundles").path("survives_restart").asBoolean())
                    .isTrue();
            assertThat(get(one, "/metrics") + get(other, "/metrics"))
                    .contains("sluice_bundles_messages_total{answer=\"added\"} 1.0")
                    .contains("sluice_bundles_messages_total{answer=\"duplicate\"} 1.0")
                    .contains("sluice_bundles_joined_total 2.0")
                    .contains("sluice_bundles_total{step=\"handled\"}");
        }
    }

    @Test
    void a_command_goes_at_once_and_what_failed_or_whose_lease_ran_out_comes_again() throws Exception {
        try (var server = server(Map.of("SLUICE_TALKBUF_QUIET", "60", "SLUICE_TALKBUF_LONGEST", "60"))) {
            assertThat(brought(server, 1, "before").path("shared").asBoolean()).isFalse();
            brought(server, 2, "/stop");
            JsonNode before = take(server, "?limit=32&lease_ms=1000").getFirst();
            assertThat(before.path("text").asString()).isEqualTo("before");
            JsonNode again = take(server, "?wait_ms=10000&limit=32").getFirst();
            assertThat(again.path("id")).isEqualTo(before.path("id"));
            assertThat(again.path("fence").asLong())
                    .isGreaterThan(before.path("fence").asLong());
            assertThat(end(server, "DELETE", before, "")).isEqualTo(409);
            assertThat(end(server, "POST", again, "/fail")).isEqualTo(204);
            JsonNode third = take(server, "?wait_ms=10000").getFirst();
            assertThat(third.path("failures").asInt()).isEqualTo(1);
            assertThat(end(server, "DELETE", third, "")).isEqualTo(204);
            JsonNode command = take(server, "").getFirst();
            assertThat(command.path("command").asBoolean()).isTrue();
            assertThat(command.path("text").asString()).isEqualTo("/stop");
            assertThat(part(server, "bundles").path("messages_in_memory").asInt())
                    .isEqualTo(1);
        }
    }

    @Test
    void when_it_is_off_each_message_goes_at_once() throws Exception {
        try (var server = server(Map.of("SLUICE_TALKBUF", "off"))) {
            brought(server, 1, "a");
            brought(server, 2, "b");
            JsonNode first = take(server, "?limit=32").getFirst();
            assertThat(first.path("text").asString()).isEqualTo("a");
            assertThat(first.path("command").asBoolean()).isFalse();
            assertThat(part(server, "bundles").path("bundling").asBoolean()).isFalse();
        }
    }

    @Test
    void what_is_no_message_is_refused_and_shows_nothing() throws Exception {
        try (var server = server(Map.of())) {
            for (String body : new String[] {
                "{}",
                "{\"chat\":0,\"message_id\":1,\"date\":1,\"text\":\"secret\"}",
                "{\"chat\":1,\"message_id\":0,\"date\":1,\"text\":\"secret\"}",
                "{\"chat\":1,\"message_id\":1,\"date\":-1,\"text\":\"secret\"}",
                "{\"chat\":1,\"message_id\":1,\"date\":1,\"text\":\"" + "secret".repeat(3_000) + "\"}",
                "{\"chat\":1,\"message_id\":1,\"date\":1,\"text\":\"" + "\ud83d\ude00".repeat(9_000) + "\"}",
                "{\"chat\":1,\"message_id\":1,\"date\":1,\"text\":\"secret\",\"name\":\"secret\"}"
            }) {
                var answer = send(server, "POST", BOT, body);
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
                assertThat(answer.body()).doesNotContain("secret");
            }
            for (String query : new String[] {"?limit=0", "?limit=33", "?wait_ms=10001", "?lease_ms=999", "?x=1"}) {
                assertThat(send(server, "GET", BOT + query, "").statusCode()).isEqualTo(400);
            }
            assertThat(send(server, "DELETE", BOT + "/nonsense", "{\"fence\":1}")
                            .statusCode())
                    .isEqualTo(400);
            assertThat(send(server, "DELETE", BOT + "/1_1_1", "{\"fence\":1}").statusCode())
                    .isEqualTo(409);
            for (String fence : new String[] {"0", "-1", "1.5", "\"1\"", "null", "9223372036854775808", "1e400"}) {
                assertThat(send(server, "DELETE", BOT + "/1_1_1", "{\"fence\":" + fence + "}")
                                .statusCode())
                        .as(fence)
                        .isEqualTo(400);
            }
            for (String id : new String[] {"0_1_1", "1_0_1", "1_1_0", "1_1_-1", "9999999999999999999_1_1", "1_1"}) {
                assertThat(send(server, "DELETE", BOT + "/" + id, "{\"fence\":1}")
                                .statusCode())
                        .as(id)
                        .isEqualTo(400);
            }
        }
    }

    @Test
    void while_redis_is_frozen_messages_are_bundled_here_and_taken_here() throws Exception {
        try (var redis = RedisFixture.start();
                var patient = server(redis);
                var server = server(redis, "REDIS_TIMEOUT", "300ms", "SLUICE_TALKBUF_QUIET", "100ms");
                var closed = server(redis, "REDIS_TIMEOUT", "300ms", "SLUICE_ON_STORE_FAILURE_BUNDLES", "closed")) {
            assertThat(brought(patient, 1, "/there").path("shared").asBoolean()).isTrue();
            redis.freeze();
            try {
                assertThat(brought(server, 2, "/here").path("shared").asBoolean())
                        .isFalse();
                assertThat(take(server, "?wait_ms=10000")
                                .getFirst()
                                .path("text")
                                .asString())
                        .isEqualTo("/here");
                assertThat(bring(closed, 3, "/nowhere").statusCode()).isEqualTo(503);
                await().atMost(BOUND)
                        .until(() -> part(server, "bundles")
                                .path("status")
                                .asString()
                                .equals("degraded"));
            } finally {
                redis.thaw();
            }
            await().atMost(BOUND)
                    .until(() ->
                            part(patient, "bundles").path("status").asString().equals("ok"));
            assertThat(take(patient, "?wait_ms=10000").getFirst().path("text").asString())
                    .isEqualTo("/there");
        }
    }

    private static JsonNode aside(SluiceServer server, String query) throws Exception {
        var answer = send(server, "GET", BOT + "/aside" + query, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).doesNotContain("secret");
        return JsonMapper.shared().readTree(answer.body());
    }

    @Test
    void a_bundle_whose_callers_die_is_set_aside_listed_and_handed_over_again_or_dropped() throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis, "SLUICE_TALKBUF_LOST_LEASES", "1");
                var other = server(redis, "SLUICE_TALKBUF_LOST_LEASES", "1")) {
            assertThat(aside(one, "").path("bundles")).isEmpty();
            brought(one, 1, "/secret");
            brought(one, 2, "/next");
            JsonNode bundle = take(one, "?lease_ms=1000").getFirst();
            JsonNode next = take(other, "?wait_ms=10000").getFirst();
            assertThat(next.path("text").asString()).isEqualTo("/next");
            assertThat(end(one, "DELETE", bundle, "")).isEqualTo(409);
            JsonNode listed = aside(one, "?limit=1").path("bundles").path(0);
            assertThat(listed.path("id")).isEqualTo(bundle.path("id"));
            assertThat(listed.path("chat").asLong()).isEqualTo(7);
            assertThat(listed.path("reason").asString()).isEqualTo("lost");
            assertThat(listed.path("lost").asInt()).isEqualTo(1);
            assertThat(listed.path("messages").asInt()).isEqualTo(1);
            String cursor = aside(other, "?limit=1").path("next_cursor").asString();
            assertThat(aside(other, "?limit=1&cursor=" + cursor).path("bundles"))
                    .isEmpty();
            assertThat(get(one, "/metrics") + get(other, "/metrics"))
                    .contains("sluice_bundles_aside_total{reason=\"lost\"} 1.0");

            for (SluiceServer each : List.of(one, other)) {
                await().atMost(BOUND)
                        .until(() -> part(each, "bundles").path("set_aside").asInt() == 1);
                assertThat(get(each, "/metrics")).contains("sluice_bundles_aside_kept 1.0");
            }

            String path = BOT + "/aside/" + bundle.path("id").asString();
            assertThat(send(other, "POST", path + "/requeue", "").statusCode()).isEqualTo(204);
            assertThat(send(other, "POST", path + "/requeue", "").statusCode()).isEqualTo(404);
            assertThat(aside(one, "").path("bundles")).isEmpty();
            assertThat(part(other, "bundles").path("set_aside").asInt()).isZero();
            assertThat(end(one, "DELETE", next, "")).isEqualTo(204);
            JsonNode again = take(one, "?lease_ms=1000").getFirst();
            assertThat(again.path("text").asString()).isEqualTo("/secret");
            await().atMost(BOUND).until(() -> {
                take(one, "");
                return aside(one, "").path("bundles").size() == 1;
            });
            assertThat(send(other, "DELETE", path, "").statusCode()).isEqualTo(204);
            assertThat(send(other, "DELETE", path, "").statusCode()).isEqualTo(404);
            assertThat(aside(one, "").path("bundles")).isEmpty();

            for (String bad : new String[] {"?limit=0", "?limit=201", "?cursor=x", "?x=1"}) {
                assertThat(send(one, "GET", BOT + "/aside" + bad, "").statusCode())
                        .as(bad)
                        .isEqualTo(400);
            }
            assertThat(send(one, "DELETE", BOT + "/aside/nonsense", "").statusCode())
                    .isEqualTo(400);
            assertThat(send(one, "DELETE", BOT + "/aside", "{\"fence\":1}").statusCode())
                    .isBetween(400, 405);
            redis.freeze();
            try {
                assertThat(send(one, "GET", BOT + "/aside", "").statusCode()).isEqualTo(503);
                await().atMost(BOUND)
                        .until(() -> part(one, "bundles")
                                .path("set_aside")
                                .asString()
                                .equals("not known"));
                assertThat(send(one, "DELETE", path, "").statusCode()).isEqualTo(503);
            } finally {
                redis.thaw();
            }
        }
    }
}
