package dev.sluice.server.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.cache.CacheCodec;
import dev.sluice.cache.CacheKey;
import dev.sluice.cache.CacheMode;
import dev.sluice.cache.CacheSettings;
import dev.sluice.cache.Caches;
import dev.sluice.encryption.Sealer;
import dev.sluice.keys.KeyFamily;
import dev.sluice.keys.KeyTable;
import dev.sluice.lock.Fences;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.region.Homes;
import dev.sluice.region.RegionLists;
import dev.sluice.region.Regions;
import dev.sluice.region.Regions.Share;
import dev.sluice.retrieval.CachedRetriever;
import dev.sluice.retrieval.RetrievalScope;
import dev.sluice.server.callback.Receiver;
import dev.sluice.simulator.ChatState;
import dev.sluice.simulator.FaultEffect;
import dev.sluice.simulator.FaultRule;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** All that a server and the library can do, once, on one Redis: every key is of a family, and none is without a TTL and an owner. */
@Timeout(180)
class KeysOnServerTest extends OnServerFixture {
    private static final Duration BOUND = Duration.ofSeconds(40);
    private static final String BOT = "123456789";
    private static final String TOKEN = BOT + ":AAE-any-token-of-this-form-will-do_";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** Written by a server whose {@code SLUICE_QUEUE_WAIT_REPLICAS} is set, for 5 s each time; and while a user is forgotten, until a minute after a kill. */
    private static final Set<String> NOT_HERE = Set.of("msg_queue:{<bot>}:wait", "privacy:{all}:forgetting");

    /** What stays without a TTL when a bot and all of its are removed, and where that is shown to go. */
    private static final Map<String, String> STAYS = Map.of(
            "msg_queue:{bots}:seen",
            "RedisMessageQueueTest, after 30 days",
            "msg_queue:{<bot>}:state",
            "RedisMessageQueueTest, after 30 days",
            "msg_queue:{<bot>}:aliases",
            "RedisMessageQueueTest, after 30 days",
            "broadcast:{bots}:all",
            "RedisBroadcastStoreTest, after a day",
            "bots:{all}:registered",
            "only its revision",
            "privacy:{all}:none",
            "while a user's level is none",
            "privacy:{all}:owed",
            "purges that are done again after 15 s",
            "privacy:{all}:state",
            "numbers of changes must not come again",
            "encryption:{all}:key",
            "by hand, docs/admin.md");

    private final Map<String, JsonNode> seen = new HashMap<>();

    /** Looks at all that is there now, and remembers it by family. */
    private Map<String, JsonNode> survey(SluiceServer server) throws Exception {
        var found = new HashMap<String, JsonNode>();
        String cursor = "";
        do {
            JsonNode page = JsonMapper.shared().readTree(get(server, "/v1/keys" + cursor));
            page.path("families")
                    .valueStream()
                    .filter(family -> family.path("keys").asLong() > 0)
                    .forEach(family -> {
                        assertThat(family.path("faults")).as("%s", family).isEmpty();
                        found.put(family.path("family").asString(), family);
                    });
            JsonNode next = page.path("next_cursor");
            cursor = next.isNull() ? "" : "?cursor=" + next.asString();
        } while (!cursor.isEmpty());
        seen.putAll(found);
        return found;
    }

    private void sees(SluiceServer server, String family) {
        await(family).atMost(BOUND).until(() -> survey(server).containsKey(family));
    }

    private static JsonNode did(SluiceServer server, String method, String path, String body) throws Exception {
        var answer = send(server, method, path, body);
        assertThat(answer.statusCode())
                .as("%s %s: %s", method, path, answer.body())
                .isBetween(200, 204);
        return answer.body().isBlank()
                ? JsonMapper.shared().createObjectNode()
                : JsonMapper.shared().readTree(answer.body());
    }

    /** @return the number of the message that was sent */
    private static int call(SluiceServer server, String query, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.url() + "/bot" + TOKEN + "/" + query))
                .timeout(BOUND);
        if (headers.length > 0) {
            request.headers(headers);
        }
        var answer = CLIENT.send(request.build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as("%s: %s", query, answer.body()).isEqualTo(200);
        return JsonMapper.shared()
                .readTree(answer.body())
                .at("/result/message_id")
                .asInt();
    }

    private static String queued(SluiceServer server, long chat, String more) throws Exception {
        return did(
                        server,
                        "POST",
                        "/v1/bots/" + BOT + "/messages",
                        "{\"method\":\"sendMessage\",\"params\":{\"chat_id\":" + chat + ",\"text\":\"private words\"}"
                                + more + "}")
                .path("id")
                .asString();
    }

    @Test
    void every_key_of_everything_is_of_a_family_with_a_ttl_or_an_owner() throws Exception {
        try (var redis = RedisFixture.start();
                var telegram = Simulator.start(SimulatorSettings.defaults());
                var receiver = new Receiver();
                var server = server(
                        redis,
                        "TELEGRAM_API_URL",
                        telegram.url().toString(),
                        "SLUICE_CALLBACK_SECRET",
                        "a-secret-of-many-characters",
                        "SLUICE_WEBHOOK_TARGETS",
                        "127.0.0.1",
                        "SLUICE_OPEN",
                        "true",
                        "SLUICE_TALKBUF_LOST_LEASES",
                        "2")) {
            did(server, "POST", "/v1/bots", "{\"token\":\"" + TOKEN + "\"}");
            guards(server);
            userState(server);
            library(server, redis);
            calls(server, telegram);
            queue(server, telegram, receiver);
            broadcasts(server, telegram);

            Set<String> all = KeyTable.ofSluice().families().stream()
                    .map(KeyFamily::name)
                    .collect(Collectors.toCollection(TreeSet::new));
            all.removeAll(NOT_HERE);
            all.removeAll(seen.keySet());
            assertThat(all).as("families of which no key was seen").isEmpty();

            removes(server, telegram);
        }
    }

    private void guards(SluiceServer server) throws Exception {
        did(server, "POST", "/v1/budgets/42/consume", "");
        did(server, "PUT", "/v1/limits/weather", "{\"limit\":100,\"window_ms\":60000}");
        did(server, "POST", "/v1/limits/weather/acquire", "{\"subject\":\"Ann Lee\"}");
        did(server, "PUT", "/v1/bots/" + BOT + "/limits", "{\"replies\":\"50/1s\"}");
        did(server, "POST", "/v1/idempotency/evt-17?kind=payment", "{\"lease_ms\":60000}");
        did(server, "POST", "/v1/events/webhooks", "{\"ids\":[\"a\",\"b\"]}");
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            JsonNode held = did(server, "POST", "/v1/locks/nightly-report", "{\"lease_ms\":60000}");
            var waiter = callers.submit(() -> send(server, "POST", "/v1/locks/nightly-report", "{\"wait_ms\":10000}"));
            sees(server, "locks:{<digest>}:places");
            did(
                    server,
                    "DELETE",
                    "/v1/locks/nightly-report",
                    "{\"owner\":\"" + held.path("owner").asString() + "\"}");
            assertThat(waiter.get().statusCode()).isEqualTo(200);
        }
        did(server, "POST", "/v1/jobs", "{\"name\":\"import\",\"id\":\"import-7\",\"total\":10}");
        did(server, "PUT", "/v1/access/" + BOT + "/42", "{\"has_access\":true,\"reason\":\"trial\"}");
        did(server, "GET", "/v1/access/" + BOT + "/42", "");
        survey(server);
    }

    private void userState(SluiceServer server) throws Exception {
        did(server, "PATCH", "/v1/fsm/" + BOT + "/-100123/42", "{\"state\":\"Order:paying\",\"data\":{\"a\":1}}");
        did(server, "PATCH", "/v1/sessions/" + BOT + "/42", "{\"actions\":[\"/start\"]}");
        for (int user = 43; user <= 44; user++) {
            did(server, "PUT", "/v1/users/" + user, "{\"privacy\":\"none\"}");
        }
        did(server, "PUT", "/v1/users/44", "{\"privacy\":\"full\"}");
        did(server, "POST", "/v1/history/" + BOT + "/42", "{\"entries\":[{\"role\":\"user\",\"text\":\"Hi\"}]}");
        did(
                server,
                "POST",
                "/v1/bundles/" + BOT,
                "{\"chat\":7,\"message_id\":1,\"date\":1800000000,\"text\":\"private words\"}");
        survey(server);
        // Whoever takes it lets its lease run out.
        await().atMost(BOUND).until(() -> {
            did(server, "GET", "/v1/bundles/" + BOT + "?lease_ms=1000", "");
            return survey(server).containsKey("talkbuf:{<bot>}:aside");
        });
    }

    /** What is asked of the library alone. */
    private void library(SluiceServer server, RedisProcess redis) throws Exception {
        try (var store = RedisStore.connect(
                        RedisSettings.parse(redis.uri()).withCommandTimeout(Duration.ofSeconds(5)), RedisEvents.NONE);
                var caches = Caches.onRedis(store, store, KeySpace.DEFAULT, Sealer.NONE)) {
            // Keys are watched from some moment on: a probe that is gone again was there.
            sees(server, "cache:{probe}:<uuid>");
            var locations = caches.open(CacheSettings.LOCATIONS, CacheCodec.TEXT);
            var loads = new AtomicInteger();
            locations.get(CacheKey.of(7), () -> {
                survey(server);
                loads.incrementAndGet();
                return Optional.of("Berlin");
            });
            assertThat(loads).hasValue(1);
            CachedRetriever.around(
                            (String text, Map<String, String> parameters) -> "found",
                            new RetrievalScope("tenant", "model", "1"),
                            CachedRetriever.cache(caches, CacheMode.REDIS, Duration.ofMinutes(5), CacheCodec.TEXT))
                    .retrieve("private words", Map.of());
            assertThat(Fences.onRedis(store, KeySpace.DEFAULT)
                            .write("a file", 7, "words".getBytes(UTF_8), Duration.ofMinutes(1)))
                    .isTrue();
            var regions = new Regions("eu", List.of(new Share("eu", 5_000), new Share("us", 5_000)));
            new RegionLists(regions, new Homes<>(regions, Map.of("eu", store, "us", store)), KeySpace.DEFAULT).show();
            // A generation of events that is moved on.
            did(server, "POST", "/v1/events/webhooks", "{\"ids\":[\"c\"]}");
            assertThat(redis.tell("COPY sluice:events:{webhooks}:current sluice:events:{webhooks}:before"))
                    .isEqualTo(":1");
            survey(server);
        }
    }

    private void calls(SluiceServer server, Simulator telegram) throws Exception {
        call(server, "sendMessage?chat_id=1&text=x", "Idempotency-Key", "order-17");
        assertThat(telegram.channelId("@shop")).isNegative();
        call(server, "sendMessage?chat_id=@shop&text=x");
        sees(server, "msg_queue:{<bot>}:aliases");
        int message = call(server, "sendMessage?chat_id=2&text=x");
        for (String reply : List.of("", "&reply_to_message_id=" + message)) {
            telegram.faults()
                    .add(FaultRule.of(new FaultEffect.TooManyRequests(1))
                            .onChat(2)
                            .times(1));
            call(server, "sendMessage?chat_id=2&text=x" + reply, "X-Sluice-Max-Wait", "20");
        }
        survey(server);
    }

    private void queue(SluiceServer server, Simulator telegram, Receiver receiver) throws Exception {
        telegram.setChat(4, new ChatState.NotFound());
        queued(server, 4, "");
        telegram.faults()
                .add(FaultRule.of(new FaultEffect.ResetAfter()).onChat(5).times(1));
        queued(server, 5, "");
        receiver.answer("/told", 503); // so that it stays owed
        queued(server, 6, ",\"callback_url\":\"" + receiver.url("/told") + "\"");
        queued(
                server,
                7,
                ",\"not_before\":\"" + Instant.now().plusSeconds(3_600) + "\",\"deadline\":\""
                        + Instant.now().plusSeconds(7_200) + "\",\"idempotency_key\":\"k\"");
        telegram.faults()
                .add(FaultRule.of(new FaultEffect.Latency(Duration.ofSeconds(3)))
                        .onChat(8)
                        .times(1));
        queued(server, 8, "");
        sees(server, "msg_queue:{<bot>}:leased");
        telegram.setChat(9, new ChatState.Flooded(30));
        queued(server, 9, "");
        sees(server, "msg_queue:{<bot>}:waiting");
        sees(server, "msg_queue:{<bot>}:dead");
        sees(server, "msg_queue:{<bot>}:unknown");
        sees(server, "msg_queue:{<bot>}:callback:<number>");
        sees(server, "msg_queue:{<bot>}:callbacks");
        did(server, "POST", "/v1/queue/" + BOT + "/pause", "{\"chat\":\"10\"}");
        did(server, "POST", "/v1/queue/" + BOT + "/pause", "{}");
        queued(server, 11, "");
        did(
                server,
                "POST",
                "/v1/bots/" + BOT + "/messages",
                "{\"method\":\"editMessageText\",\"params\":{\"chat_id\":12,\"message_id\":1,\"text\":\"x\"}}");
        sees(server, "msg_queue:{<bot>}:ready:<kind>");
        sees(server, "msg_queue:{<bot>}:replaces:<digest>");
        did(server, "POST", "/v1/queue/" + BOT + "/resume", "{}");
    }

    private void broadcasts(SluiceServer server, Simulator telegram) throws Exception {
        telegram.setChat(21, new ChatState.Blocked());
        // Its keys are looked at before it can have come to its end.
        did(server, "POST", "/v1/queue/" + BOT + "/pause", "{}");
        var request = HttpRequest.newBuilder(URI.create(server.adminUrl() + "/v1/bots/" + BOT + "/broadcasts"))
                .header("Content-Type", "application/x-ndjson")
                .POST(
                        BodyPublishers.ofString(
                                "{\"method\":\"sendMessage\",\"params\":{\"text\":\"to all\"},\"idempotency_key\":\"b\"}\n20\n21\n22\n"))
                .build();
        var started = CLIENT.send(request, BodyHandlers.ofString());
        assertThat(started.statusCode()).as(started.body()).isEqualTo(202);
        String id = JsonMapper.shared().readTree(started.body()).path("id").asString();
        survey(server);
        did(server, "POST", "/v1/queue/" + BOT + "/resume", "{}");
        await().atMost(BOUND).until(() -> {
            survey(server);
            return !JsonMapper.shared()
                    .readTree(get(server, "/v1/broadcasts/" + id))
                    .path("ended")
                    .isNull();
        });
        sees(server, "broadcast:{<bot>}:suppressed:<lane>");
    }

    /** Whoever owns what is there takes it away. */
    private void removes(SluiceServer server, Simulator telegram) throws Exception {
        // Cursors of Redis are 64 bits without a sign.
        assertThat(get(server, "/v1/queue/" + BOT + "/export?cursor=18446744073709551615"))
                .doesNotContain("malformed");
        did(server, "POST", "/v1/queue/" + BOT + "/resume", "{\"chat\":\"10\"}");
        did(server, "POST", "/v1/dlq/" + BOT + "/purge", "{}");
        did(server, "POST", "/v1/unknown/" + BOT + "/resolve", "{\"as\":\"sent\"}");
        var pending = new HashSet<String>();
        telegram.setChat(9, new ChatState.Reachable());
        for (JsonNode message : JsonMapper.shared()
                .readTree("["
                        + get(server, "/v1/queue/" + BOT + "/export").lines().collect(Collectors.joining(",")) + "]")) {
            message.propertyNames().stream()
                    .filter("id"::equals)
                    .forEach(name -> pending.add(message.path("id").asString()));
        }
        for (String id : pending) {
            send(server, "DELETE", "/v1/messages/" + id, "");
        }
        did(server, "DELETE", "/v1/limits/weather", "");
        did(server, "DELETE", "/v1/access/" + BOT + "/42", "");
        did(server, "DELETE", "/v1/bots/" + BOT, "");
        await().atMost(BOUND).untilAsserted(() -> {
            Set<String> staying = survey(server).entrySet().stream()
                    .filter(family -> family.getValue().path("without_ttl").asLong() > 0)
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toSet());
            assertThat(staying).isSubsetOf(STAYS.keySet());
        });
    }
}
