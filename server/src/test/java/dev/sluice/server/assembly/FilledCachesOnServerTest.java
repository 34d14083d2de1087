package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Caches that bots fill, through whole servers: one load over all replicas, and what holds while Redis is away. */
@Timeout(120)
class FilledCachesOnServerTest extends OnServerFixture {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final String BERLIN = "/v1/cache/locations/7";

    private static JsonNode ask(SluiceServer server, String path) throws Exception {
        HttpResponse<String> answer = send(server, "GET", path, "");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static String fill(SluiceServer server, String path) throws Exception {
        JsonNode answer = ask(server, path);
        assertThat(answer.path("state").asString()).isEqualTo("load");
        return answer.path("fill").asString();
    }

    private static int put(SluiceServer server, String path, String fill, String what) throws Exception {
        return send(server, "PUT", path, "{\"fill\":\"" + fill + "\"," + what + "}")
                .statusCode();
    }

    /** How often a text stands in a value. */
    private static String countOf(RedisProcess redis, String key, String text) {
        return redis.tell("EVAL \"return select(2, string.gsub(redis.call('GET', KEYS[1]), ARGV[1], ''))\" 1 " + key
                + " " + text);
    }

    private void awaitHearing(SluiceServer server) {
        await().atMost(BOUND)
                .until(() -> part(server, "cache").path("hears").asString().equals("tracking"));
    }

    @Test
    void of_a_thousand_callers_of_three_servers_one_loads_and_all_others_get_what_it_brings_to_another()
            throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis);
                var two = server(redis);
                var three = server(redis);
                var client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .build()) {
            List<SluiceServer> servers = List.of(one, two, three);
            var told = new CompletableFuture<JsonNode>();
            var asked = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (int i = 0; i < 1_000; i++) {
                var request = HttpRequest.newBuilder(
                                URI.create(servers.get(i % 3).adminUrl() + BERLIN + "?wait_ms=10000"))
                        .timeout(Duration.ofSeconds(60))
                        .build();
                var answer = client.sendAsync(request, BodyHandlers.ofString());
                answer.thenAccept(first -> told.complete(JsonMapper.shared().readTree(first.body())));
                asked.add(answer);
                if (i % 100 == 0 && told.isDone()) {
                    // So many callers take a busy machine longer than the lease.
                    assertThat(put(two, BERLIN, told.get().path("fill").asString(), "\"renew\":true"))
                            .isEqualTo(204);
                }
            }
            JsonNode first = told.get(60, TimeUnit.SECONDS);
            assertThat(first.path("state").asString()).isEqualTo("load");
            assertThat(put(two, BERLIN, first.path("fill").asString(), "\"value\":\"Berlin\""))
                    .isEqualTo(204);

            int loads = 0;
            for (var answer : asked) {
                JsonNode json = JsonMapper.shared()
                        .readTree(answer.get(60, TimeUnit.SECONDS).body());
                if (json.path("state").asString().equals("load")) {
                    loads++;
                } else {
                    assertThat(json.path("value").asString()).as("%s", json).isEqualTo("Berlin");
                }
            }
            assertThat(loads).isEqualTo(1);
            assertThat(get(one, "/metrics") + get(two, "/metrics") + get(three, "/metrics"))
                    .contains("sluice_cache_reads_total{cache=\"locations\",outcome=\"miss\"} 1.0")
                    .contains("sluice_cache_loads_total{cache=\"locations\"} 1.0");
        }
    }

    @Test
    void what_one_replica_forgets_no_slow_caller_of_another_brings_back() throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis);
                var other = server(redis)) {
            awaitHearing(one);
            awaitHearing(other);
            String slow = fill(one, BERLIN);
            assertThat(send(other, "DELETE", BERLIN, "").statusCode()).isEqualTo(204);
            assertThat(put(one, BERLIN, slow, "\"value\":\"old\"")).isEqualTo(409);
            String second = fill(one, BERLIN);
            assertThat(send(other, "PUT", BERLIN, "{\"value\":\"new\"}").statusCode())
                    .isEqualTo(204);
            assertThat(put(one, BERLIN, second, "\"value\":\"old\"")).isEqualTo(409);
            assertThat(ask(one, BERLIN).path("value").asString()).isEqualTo("new");
            assertThat(ask(other, BERLIN).path("value").asString()).isEqualTo("new");

            assertThat(send(one, "DELETE", BERLIN, "").statusCode()).isEqualTo(204);
            await().atMost(BOUND)
                    .until(() -> !ask(other, BERLIN + "?wait_ms=0")
                            .path("state")
                            .asString()
                            .equals("hit"));
        }
    }

    @Test
    void when_a_caller_dies_that_loads_another_who_waits_is_told_to_load() throws Exception {
        try (var redis = RedisFixture.start();
                var one = server(redis);
                var other = server(redis);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            String dead = fill(one, BERLIN);
            var waiting = threads.submit(() -> ask(other, BERLIN + "?wait_ms=10000"));
            JsonNode next = waiting.get(30, TimeUnit.SECONDS);
            assertThat(next.path("state").asString()).isEqualTo("load");
            assertThat(put(one, BERLIN, dead, "\"value\":\"late\"")).isEqualTo(409);
            assertThat(put(one, BERLIN, next.path("fill").asString(), "\"value\":\"Berlin\""))
                    .isEqualTo(204);
        }
    }

    @Test
    void while_redis_is_frozen_callers_load_by_leases_of_their_replica_and_nothing_outlives_that() throws Exception {
        try (var redis = RedisFixture.start();
                var patient = server(redis);
                var one = server(redis, "REDIS_TIMEOUT", "300ms");
                var other = server(redis, "REDIS_TIMEOUT", "300ms")) {
            awaitHearing(one);
            String before = fill(patient, "/v1/cache/locations/8");
            redis.freeze();
            try {
                long start = System.nanoTime();
                String here = fill(one, BERLIN);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
                assertThat(ask(one, BERLIN + "?wait_ms=0").path("state").asString())
                        .isEqualTo("wait");
                assertThat(fill(other, BERLIN)).isNotEqualTo(here);
                assertThat(put(one, BERLIN, here, "\"value\":\"Berlin\"")).isEqualTo(204);
                assertThat(ask(one, BERLIN).path("state").asString()).isEqualTo("hit");
                assertThat(put(one, "/v1/cache/locations/8", before, "\"value\":1"))
                        .as("nobody knows whether it was forgotten")
                        .isEqualTo(503);
                assertThat(send(one, "DELETE", BERLIN, "").statusCode()).isEqualTo(503);
                assertThat(ask(one, BERLIN).path("state").asString()).isEqualTo("load");
            } finally {
                redis.thaw();
            }
            await().atMost(BOUND).until(() -> send(one, "DELETE", BERLIN, "").statusCode() == 204);
            await().atMost(BOUND).until(() -> {
                JsonNode answer = ask(other, BERLIN);
                return answer.path("state").asString().equals("load")
                        && put(one, BERLIN, answer.path("fill").asString(), "\"value\":\"again\"") == 204;
            });
        }
    }

    @Test
    void ttl_and_place_are_as_set_and_what_is_private_cannot_be_read_in_redis() throws Exception {
        try (var redis = RedisFixture.start();
                var server = server(
                        redis,
                        "REDIS_TTL_LOCATIONS",
                        "30",
                        "SLUICE_CACHE_SERVERS",
                        "local",
                        "SLUICE_CACHE_SUBSCRIPTIONS",
                        "off",
                        "SLUICE_RAG_CACHE",
                        "redis")) {
            assertThat(put(server, BERLIN, fill(server, BERLIN), "\"value\":1")).isEqualTo(204);
            assertThat(ask(server, BERLIN).path("remaining_ms").asLong()).isBetween(1L, 30_000L);
            assertThat(redis.tell("EXISTS sluice:cache:{7}:locations")).isEqualTo(":1");

            String near = "/v1/cache/servers/7";
            assertThat(put(server, near, fill(server, near), "\"value\":1")).isEqualTo(204);
            assertThat(ask(server, near).path("state").asString()).isEqualTo("hit");
            assertThat(redis.tell("EXISTS sluice:cache:{7}:servers")).isEqualTo(":0");

            assertThat(ask(server, "/v1/cache/subscriptions/7").path("fill").isNull())
                    .isTrue();

            String ann = "/v1/cache/user/42";
            assertThat(put(server, ann, fill(server, ann), "\"value\":{\"name\":\"Ann\"}"))
                    .isEqualTo(204);
            assertThat(put(server, "/v1/cache/locations/8", fill(server, "/v1/cache/locations/8"), "\"value\":\"Ann\""))
                    .isEqualTo(204);
            assertThat(countOf(redis, "sluice:cache:{8}:locations", "Ann")).isEqualTo(":1");
            assertThat(countOf(redis, "sluice:cache:{42}:user", "Ann")).isEqualTo(":0");
            String question = "/v1/cache/rag/how%20do%20I%20pay";
            assertThat(put(server, question, fill(server, question), "\"value\":[\"by card\"]"))
                    .isEqualTo(204);
            assertThat(redis.tell("EVAL \"return #redis.call('KEYS','sluice:rag_cache:*')\" 0"))
                    .isEqualTo(":1");
            assertThat(redis.tell("EVAL \"return #redis.call('KEYS','*pay*')\" 0"))
                    .isEqualTo(":0");
            assertThat(ask(server, question).path("value").toString()).contains("by card");
            assertThat(get(server, "/v1/openapi.json")).contains("/v1/cache/{name}/{key}");
        }
    }

    @Test
    void what_is_cached_under_a_users_id_is_forgotten_with_the_user() throws Exception {
        try (var server = server(Map.of())) {
            String ann = "/v1/cache/user/42";
            assertThat(send(server, "PUT", ann, "{\"value\":\"Ann\"}").statusCode())
                    .isEqualTo(204);
            assertThat(send(server, "PUT", "/v1/cache/user/43", "{\"value\":\"Bob\"}")
                            .statusCode())
                    .isEqualTo(204);
            HttpResponse<String> forgotten = send(server, "DELETE", "/v1/users/42", "");
            assertThat(JsonMapper.shared()
                            .readTree(forgotten.body())
                            .path("removed")
                            .path("cache")
                            .asLong())
                    .as(forgotten.body())
                    .isEqualTo(1);
            assertThat(ask(server, ann).path("state").asString()).isEqualTo("load");
            assertThat(ask(server, "/v1/cache/user/43").path("state").asString())
                    .isEqualTo("hit");
        }
    }

    @Test
    void without_redis_all_of_it_is_in_the_process() throws Exception {
        try (var server = server(Map.of())) {
            String lease = fill(server, BERLIN);
            assertThat(ask(server, BERLIN + "?wait_ms=0").path("state").asString())
                    .isEqualTo("wait");
            assertThat(put(server, BERLIN, lease, "\"none\":true")).isEqualTo(204);
            assertThat(ask(server, BERLIN).path("state").asString()).isEqualTo("none");
            assertThat(send(server, "GET", "/v1/cache/prices/1", "").body())
                    .contains("caches are locations, servers, user, subscriptions, rag");
        }
    }

    @Test
    void who_has_no_token_neither_reads_nor_writes() throws Exception {
        try (var server = server(Map.of("SLUICE_ADMIN_TOKEN", "0123456789abcdef"))) {
            for (String method : List.of("GET", "DELETE")) {
                assertThat(send(server, method, BERLIN, "").statusCode()).isEqualTo(401);
            }
            assertThat(send(server, "PUT", BERLIN, "{\"value\":1}").statusCode())
                    .isEqualTo(401);
        }
    }
}
