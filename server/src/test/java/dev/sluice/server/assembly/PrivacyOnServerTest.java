package dev.sluice.server.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.server.assembly.RedisTexts.Finding;
import dev.sluice.server.assembly.RedisTexts.Search;
import dev.sluice.server.callback.Receiver;
import dev.sluice.simulator.FaultEffect;
import dev.sluice.simulator.FaultRule;
import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is left in Redis, and in the log, of a text that went through every part: read key by key, encrypted values opened. The same search
 * finds it of a user of whom it may be kept.
 */
@Timeout(240)
class PrivacyOnServerTest extends OnServerFixture {
    private static final Duration BOUND = Duration.ofSeconds(40);
    private static final String SECRET = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final long BOT = 123456789;
    private static final String TOKEN = BOT + ":AAE-any-token-of-this-form-will-do_";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** In every form that it takes on its way (JSON, URL, UTF-8) the word stays as it is. */
    private static final String WORD = "zebrafishquux";

    private static final String TEXT = "Grüße, " + WORD + " & \\\"mehr\\\"";
    private static final long ANN = 4_242_000_017L;
    private static final long GROUP = -1_001_234L;

    private static Simulator telegram;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Receiver receiver = new Receiver();
    private RedisProcess redis;
    private SluiceServer server;

    @BeforeAll
    static void startTelegram() {
        telegram = Simulator.start(SimulatorSettings.defaults().withFlood(FloodLimits.off()));
    }

    @AfterAll
    static void stopTelegram() {
        telegram.close();
    }

    @BeforeEach
    void start() throws Exception {
        Logger sluice = (Logger) LoggerFactory.getLogger("dev.sluice");
        sluice.setLevel(Level.TRACE);
        log.start();
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).addAppender(log);
        redis = RedisFixture.start();
        server = replica();
        assertThat(send(server, "POST", "/v1/bots", "{\"token\":\"" + TOKEN + "\"}")
                        .statusCode())
                .isEqualTo(201);
    }

    private SluiceServer replica() {
        return server(
                redis,
                "SLUICE_SECRET_KEY",
                SECRET,
                "TELEGRAM_API_URL",
                telegram.url().toString(),
                "RATE_LIMIT_CHAT_CAPACITY",
                "50",
                "RATE_LIMIT_CHAT_REFILL_RATE",
                "50",
                "SLUICE_CALLBACK_SECRET",
                "a-secret-of-many-characters",
                "SLUICE_WEBHOOK_TARGETS",
                "127.0.0.1",
                "SLUICE_QUEUE_MAX_RETRIES",
                "0");
    }

    @AfterEach
    void stop() {
        server.close();
        redis.close();
        receiver.close();
        telegram.faults().clear();
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).detachAppender(log);
        ((Logger) LoggerFactory.getLogger("dev.sluice")).setLevel(null);
    }

    private static JsonNode json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return JsonMapper.shared().readTree(answer.body());
    }

    private JsonNode user(String method, String body) throws Exception {
        return json(send(server, method, "/v1/users/" + ANN, body));
    }

    private HttpRequest.Builder call(String text, String... headers) {
        return call(server, text, headers);
    }

    private static HttpRequest.Builder call(SluiceServer server, String text, String... headers) {
        var request = HttpRequest.newBuilder(URI.create(server.url() + "/bot" + TOKEN + "/sendMessage"))
                .timeout(BOUND)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(
                        "{\"chat_id\":" + ANN + ",\"parse_mode\":\"HTML\",\"text\":\"" + text + "\"}"));
        return headers.length == 0 ? request : request.headers(headers);
    }

    /** What the bot says in the group to what the user said there: Telegram's answer has both. */
    private HttpRequest.Builder replyInGroup(String... headers) {
        int said = telegram.user(ANN).sendText(BOT, GROUP, WORD);
        return HttpRequest.newBuilder(URI.create(server.url() + "/bot" + TOKEN + "/sendMessage"))
                .timeout(BOUND)
                .header("Content-Type", "application/json")
                .headers(headers)
                .POST(BodyPublishers.ofString("{\"chat_id\":" + GROUP
                        + ",\"text\":\"Well\",\"reply_parameters\":{\"message_id\":" + said + "}}"));
    }

    private static HttpResponse<String> made(HttpRequest.Builder call) throws Exception {
        return CLIENT.send(call.build(), BodyHandlers.ofString());
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;");
    }

    private String state(String id) throws Exception {
        return json(send(server, "GET", "/v1/messages/" + id, "")).path("state").asString();
    }

    private void ends(String id, String state) {
        await().atMost(BOUND).until(() -> state(id).equals(state));
    }

    private static String id(HttpResponse<String> accepted) {
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        return JsonMapper.shared().readTree(accepted.body()).at("/sluice/id").asString();
    }

    /** Lets the text go through all parts that see what a user says or is told. */
    private void tellEverything() throws Exception {
        String text = escaped(TEXT);
        // At once, by itself and under a key, also refused in words that quote it, unknown, and one that has to wait
        // for another.
        assertThat(made(call(text)).body()).contains(WORD);
        assertThat(made(call(text, "Idempotency-Key", "k1")).body()).contains(WORD);
        var refused = made(call("<" + WORD + ">x", "Idempotency-Key", "k2"));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains(WORD);
        var reset = telegram.faults()
                .add(FaultRule.of(new FaultEffect.ResetAfter()).onChat(ANN).times(2));
        assertThat(made(call(text, "Idempotency-Key", "k3")).statusCode()).isEqualTo(504);
        assertThat(made(call(text + " once more")).statusCode()).isEqualTo(504);
        telegram.faults().remove(reset);
        var flooded = telegram.faults()
                .add(FaultRule.of(new FaultEffect.TooManyRequests(1))
                        .onChat(ANN)
                        .times(1));
        CompletableFuture<HttpResponse<String>> waiting = CLIENT.sendAsync(
                call(text + " waits", "Idempotency-Key", "k4", "X-Sluice-Max-Wait", "20")
                        .build(),
                BodyHandlers.ofString());
        assertThat(waiting.get().statusCode()).isEqualTo(200);
        telegram.faults().remove(flooded);

        assertThat(made(replyInGroup("Idempotency-Key", "k7")).body()).contains(WORD);

        // Queued: sent and told of, refused, unknown; by both ways in.
        String sent = id(made(call(
                text,
                "Prefer",
                "respond-async",
                "Idempotency-Key",
                "k5",
                "X-Sluice-Callback",
                receiver.url("/ends").toString())));
        ends(sent, "sent");
        await().atMost(BOUND).until(() -> !receiver.calls("/ends").isEmpty());
        ends(id(made(call("<" + WORD + ">x", "Prefer", "respond-async"))), "failed");
        var lost = telegram.faults()
                .add(FaultRule.of(new FaultEffect.ResetAfter()).onChat(ANN).times(1));
        ends(id(made(call(text, "Prefer", "respond-async"))), "unknown");
        telegram.faults().remove(lost);
        String posted = json(send(
                        server,
                        "POST",
                        "/v1/bots/" + BOT + "/messages",
                        "{\"method\":\"sendMessage\",\"params\":{\"chat_id\":" + ANN + ",\"text\":\"" + TEXT
                                + "\"},\"idempotency_key\":\"k6\"}"))
                .path("id")
                .asString();
        ends(posted, "sent");

        // What bots keep of users.
        json(send(server, "PATCH", fsm(), "{\"state\":\"Order:name\",\"data\":{\"name\":\"" + TEXT + "\"}}"));
        json(send(
                server,
                "PATCH",
                "/v1/sessions/" + BOT + "/" + ANN,
                "{\"actions\":[\"" + TEXT + "\"],\"settings\":{\"draft\":\"" + TEXT + "\"},\"history\":[{\"in\":\""
                        + TEXT + "\"}]}"));
        json(send(
                server,
                "POST",
                "/v1/bundles/" + BOT,
                "{\"chat\":" + ANN + ",\"message_id\":1,\"date\":1790000000,\"text\":\"" + TEXT + "\"}"));
        json(send(
                server,
                "POST",
                history(ANN),
                "{\"entries\":[{\"role\":\"user\",\"text\":\"" + TEXT + "\",\"id\":\"" + WORD
                        + "\"},{\"role\":\"assistant\",\"text\":\"" + TEXT + "\"}]}"));
        json(send(
                server,
                "POST",
                history(GROUP),
                "{\"entries\":[{\"role\":\"user\",\"text\":\"Hello\",\"user\":43},{\"role\":\"user\",\"text\":\"" + TEXT
                        + "\",\"user\":" + ANN + "}]}"));
        json(send(
                server,
                "POST",
                "/v1/history/" + BOT + "/" + ANN,
                "{\"entries\":[{\"role\":\"user\",\"text\":\"" + TEXT + "\"},{\"role\":\"assistant\",\"text\":\"" + TEXT
                        + "\"}]}"));
        json(send(server, "POST", "/v1/budgets/" + ANN + "/consume", "{\"username\":\"" + WORD + "\"}"));
        json(send(server, "PUT", "/v1/access/" + BOT + "/" + ANN, "{\"has_access\":true,\"reason\":\"paid\"}"));
    }

    private static String fsm() {
        return "/v1/fsm/" + BOT + "/" + ANN + "/" + ANN;
    }

    private static String history(long chat) {
        return "/v1/history/" + BOT + "/" + chat;
    }

    private Search search() {
        var texts = new RedisTexts(
                SECRET,
                List.of(
                        "queue/call/" + BOT,
                        "queue/result/" + BOT,
                        "queue/callback/" + BOT,
                        "bots/token/" + BOT,
                        "fsm/" + ANN + "/" + BOT + ":" + ANN + ":0:default",
                        "session/" + ANN + "/" + BOT + "/actions",
                        "session/" + ANN + "/" + BOT + "/settings",
                        "session/" + ANN + "/" + BOT + "/history",
                        "talkbuf/" + BOT + "/" + ANN + ":" + ANN,
                        "recent_history/" + BOT + "/" + ANN,
                        "recent_history/" + BOT + "/" + GROUP,
                        "recent_history/" + BOT + "/" + ANN,
                        "cache/access_state/" + BOT + "_" + ANN));
        Search search = texts.search(redis.uri(), WORD);
        assertThat(search.unopened()).isEmpty();
        assertThat(search.keys()).hasSizeGreaterThan(5);
        return search;
    }

    private void assertLogSaysNothing() {
        for (ILoggingEvent event : List.copyOf(log.list)) {
            String line = event.getFormattedMessage()
                    + event.getKeyValuePairs()
                    + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()));
            assertThat(RedisTexts.has(line.getBytes(UTF_8), WORD)).as(line).isFalse();
        }
        assertThat(log.list).isNotEmpty();
    }

    private static Set<String> families(Search search) {
        return search.found().keySet().stream().map(key -> key.split(":")[1]).collect(Collectors.toSet());
    }

    @Test
    void of_a_user_of_whom_no_text_may_be_kept_none_is_left_anywhere() throws Exception {
        assertThat(user("GET", "").path("privacy").asString()).isEqualTo("full");
        user("PUT", "{\"privacy\":\"none\"}");
        assertThat(user("GET", "").path("privacy").asString()).isEqualTo("none");

        tellEverything();
        ends(id(made(replyInGroup("Prefer", "respond-async"))), "sent");

        assertThat(search().found()).isEmpty();
        assertLogSaysNothing();
        // And yet nothing is sent twice, and what is in memory is there.
        JsonNode replay = json(made(call(escaped(TEXT), "Idempotency-Key", "k1")));
        assertThat(replay.at("/result/message_id").asLong()).isPositive();
        assertThat(replay.at("/result/chat/id").asLong()).isEqualTo(ANN);
        assertThat(replay.at("/result/text").isMissingNode()).isTrue();
        var refused = made(call("<" + WORD + ">x", "Idempotency-Key", "k2"));
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("can't parse entities").doesNotContain(WORD);
        var told = receiver.calls("/ends").getFirst();
        assertThat(told.json().path("state").asString()).isEqualTo("sent");
        assertThat(told.json().path("message_id").asLong()).isPositive();
        assertThat(told.body()).doesNotContain(WORD);
        assertThat(get(server, "/v1/dlq/" + BOT)).doesNotContain("\"id\"");
        assertThat(json(send(server, "GET", fsm(), "")).at("/data/name").asString())
                .contains(WORD);
        assertThat(get(server, history(ANN))).contains(WORD);
        assertThat(get(server, history(GROUP))).contains(WORD).contains("Hello");
        assertThat(get(server, "/v1/history/" + BOT + "/" + ANN)).contains(WORD);
        JsonNode bundles = json(send(server, "GET", "/v1/bundles/" + BOT + "?wait_ms=9000", ""));
        assertThat(bundles.toString()).contains(WORD);
        long once = telegram.ledger().received(BOT, ANN).size();
        assertThat(made(call(escaped(TEXT), "Idempotency-Key", "k1")).statusCode())
                .isEqualTo(200);
        assertThat(telegram.ledger().received(BOT, ANN)).hasSize((int) once);
    }

    @Test
    void what_may_be_kept_is_found_by_the_same_search_encrypted_until_its_user_says_otherwise_or_is_forgotten()
            throws Exception {
        tellEverything();
        Search before = search();
        assertThat(families(before))
                .contains("idempotency", "msg_queue", "fsm", "session", "talkbuf", "recent_history");
        assertThat(before.found().values()).allSatisfy(how -> assertThat(how).containsExactly(Finding.SEALED));
        assertLogSaysNothing();

        JsonNode purged = user("PUT", "{\"privacy\":\"none\"}");
        assertThat(purged.path("complete").asBoolean()).isTrue();
        assertThat(purged.path("removed").propertyNames())
                .contains("idempotency", "msg_queue", "fsm", "session", "talkbuf", "recent_history");
        assertThat(search().found()).isEmpty();
        assertThat(made(call(escaped(TEXT), "Idempotency-Key", "k1")).body()).doesNotContain(WORD);
        assertThat(get(server, "/v1/budgets/" + ANN)).contains("\"count\":1");

        JsonNode forgotten = user("DELETE", "");
        assertThat(forgotten.path("complete").asBoolean()).isTrue();
        assertThat(forgotten.at("/removed/budget").asInt()).isEqualTo(1);
        assertThat(forgotten.at("/removed/access").asInt()).isEqualTo(1);
        assertThat(forgotten.at("/removed/msg_queue").asInt()).isPositive();
        assertThat(get(server, "/v1/budgets/" + ANN)).contains("\"count\":0");
        assertThat(get(server, history(GROUP))).contains("Hello").doesNotContain(WORD);
        assertThat(user("GET", "").path("privacy").asString()).isEqualTo("none");
        assertOnlyWhatGoesByItselfNamesTheUser();
        assertThat(user("DELETE", "").path("removed").properties())
                .allSatisfy(family -> assertThat(family.getValue().asInt())
                        .as(family.getKey())
                        .isZero());
    }

    /** Limits at Telegram must hold whoever is forgotten, and a copy of an answer about access lives for less than a minute. */
    private void assertOnlyWhatGoesByItselfNamesTheUser() {
        String id = Long.toString(ANN);
        for (String key : search().keys()) {
            if (key.contains(id)) {
                assertThat(key).matches("sluice:(rate_limit|access_state|cache_lease):.*");
                assertThat(Long.parseLong(redis.tell("PTTL " + key).substring(1)))
                        .as(key)
                        .isBetween(0L, 120_000L);
            }
        }
    }

    @Test
    void of_what_two_replicas_write_while_a_level_becomes_known_nothing_is_left_after_the_last_purge()
            throws Exception {
        try (var other = replica()) {
            var queued = new ConcurrentLinkedQueue<String>();
            var stop = new AtomicBoolean();
            var rounds = new AtomicInteger();
            List<Future<?>> writers = new ArrayList<>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (SluiceServer one : List.of(server, other)) {
                    for (int i = 0; i < 2; i++) {
                        writers.add(threads.submit(() -> {
                            while (!stop.get()) {
                                say(one, "r" + rounds.getAndIncrement(), queued);
                            }
                            return null;
                        }));
                    }
                }
                await().atMost(BOUND).until(() -> rounds.get() >= 8);
                assertThat(families(search())).contains("idempotency", "msg_queue", "fsm", "session", "recent_history");
                user("PUT", "{\"privacy\":\"none\"}");
                int before = rounds.get();
                await().atMost(BOUND).until(() -> get(other, "/v1/users/" + ANN).contains("none"));
                await().atMost(BOUND).until(() -> rounds.get() >= before + 16);
                stop.set(true);
                for (Future<?> writer : writers) {
                    writer.get();
                }
            }
            for (String id : queued) {
                ends(id, "sent");
            }
            // The purges after 15 and 90 s, now.
            String owed = "sluice:privacy:{all}:owed";
            redis.tell("ZADD " + owed + " XX 1 1:" + ANN + " 1 2:" + ANN);
            await().atMost(BOUND).until(() -> redis.tell("ZCARD " + owed).contains("0"));
            assertThat(search().found()).isEmpty();
        }
    }

    /** One message, in all parts. */
    private void say(SluiceServer server, String id, Queue<String> queued) throws Exception {
        assertThat(made(call(server, WORD, "Idempotency-Key", id)).statusCode()).isEqualTo(200);
        queued.add(id(made(call(server, WORD, "Prefer", "respond-async"))));
        json(send(server, "PATCH", fsm(), "{\"data\":{\"name\":\"" + WORD + "\"}}"));
        json(send(server, "PATCH", "/v1/sessions/" + BOT + "/" + ANN, "{\"history\":[\"" + WORD + "\"]}"));
        json(send(server, "POST", history(ANN), "{\"entries\":[{\"role\":\"user\",\"text\":\"" + WORD + "\"}]}"));
    }

    @Test
    void what_is_no_user_or_no_level_is_refused_and_changes_nothing() throws Exception {
        for (String path : List.of("/v1/users/0", "/v1/users/-5", "/v1/users/ann", "/v1/users/" + (1L << 54))) {
            assertThat(send(server, "GET", path, "").statusCode()).as(path).isEqualTo(400);
            assertThat(send(server, "DELETE", path, "").statusCode()).as(path).isEqualTo(400);
        }
        for (String body : List.of("{}", "{\"privacy\":\"some\"}", "{\"privacy\":\"none\",\"x\":1}", "[]")) {
            assertThat(send(server, "PUT", "/v1/users/" + ANN, body).statusCode())
                    .as(body)
                    .isEqualTo(400);
        }
        assertThat(user("GET", "").path("privacy").asString()).isEqualTo("full");
    }

    @Test
    void another_replica_knows_within_a_second_and_while_redis_is_away_nobody_is_told_that_all_may_be_kept()
            throws Exception {
        try (var other = server(
                redis,
                "SLUICE_SECRET_KEY",
                SECRET,
                "TELEGRAM_API_URL",
                telegram.url().toString(),
                "REDIS_TIMEOUT",
                "300ms")) {
            user("PUT", "{\"privacy\":\"none\"}");
            await().atMost(BOUND).until(() -> get(other, "/v1/users/" + ANN).contains("none"));
            redis.freeze();
            try {
                await().atMost(BOUND)
                        .until(() -> send(other, "GET", "/v1/users/" + ANN, "").statusCode() == 503);
                assertThat(send(other, "PUT", "/v1/users/" + ANN, "{\"privacy\":\"full\"}")
                                .statusCode())
                        .isEqualTo(503);
            } finally {
                redis.thaw();
            }
            await().atMost(BOUND)
                    .until(() -> send(other, "GET", "/v1/users/" + ANN, "").statusCode() == 200);
        }
    }
}
