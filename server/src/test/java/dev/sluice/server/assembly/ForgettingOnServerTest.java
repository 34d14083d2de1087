package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.PrivacyLevels;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.TcpProxy;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What replicas have of a user in their memory once another one was asked to forget them. */
@Timeout(180)
class ForgettingOnServerTest extends OnServerFixture {
    private static final Duration BOUND = Duration.ofSeconds(40);
    private static final String SECRET = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final long BOT = 123456789;
    private static final long ANN = 4_242_000_017L;
    private static final long BOB = 4_242_000_018L;
    private static final long CLEO = 4_242_000_019L;
    private static final long GROUP = -1_001_234L;
    private static final String WORD = "zebrafishquux";
    private static final String TEXT = "\"Hello, " + WORD + "\"";

    private final List<AutoCloseable> open = new ArrayList<>();
    private RedisProcess redis;
    private TcpProxy way;

    /** Is asked to forget. */
    private SluiceServer asked;

    /** Reaches Redis by a way that can be cut. */
    private SluiceServer far;

    @BeforeEach
    void start() throws Exception {
        redis = opened(RedisFixture.start());
        way = opened(TcpProxy.to(redis.port()));
        asked = opened(replica(redis.port()));
        far = opened(replica(way.port()));
        // Conversations of whoever has none are in the memory of the process that is asked.
        for (long user : new long[] {ANN, BOB}) {
            json(send(asked, "PUT", "/v1/users/" + user, "{\"privacy\":\"none\"}"));
            isKnownAt(far, user);
        }
    }

    private <C extends AutoCloseable> C opened(C one) {
        open.addFirst(one);
        return one;
    }

    private SluiceServer replica(int redisPort) {
        return server(new HashMap<>(Map.of(
                "REDIS_URL",
                "redis://127.0.0.1:" + redisPort,
                "REDIS_TIMEOUT",
                "2",
                "SLUICE_SECRET_KEY",
                SECRET,
                // Of these, processes hear nothing of each other.
                "SLUICE_CACHE_USER",
                "local",
                "SLUICE_CACHE_ACCESS_STATE",
                "local")));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
    }

    private static JsonNode json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static void isKnownAt(SluiceServer server, long user) {
        await().atMost(BOUND).until(() -> get(server, "/v1/users/" + user).contains("none"));
    }

    private static String fsm(long user) {
        return "/v1/fsm/" + BOT + "/" + user + "/" + user;
    }

    private static String session(long user) {
        return "/v1/sessions/" + BOT + "/" + user;
    }

    private static String history(long chat) {
        return "/v1/history/" + BOT + "/" + chat;
    }

    private static String cache(long user) {
        return "/v1/cache/user/" + user;
    }

    /** Where a text of that user is found that was told. */
    private static List<String> places(long user) {
        return List.of(fsm(user), session(user), history(user), history(GROUP), cache(user));
    }

    private static void tell(SluiceServer server, long user) throws Exception {
        json(send(server, "PATCH", fsm(user), "{\"state\":\"asked\",\"data\":{\"name\":" + TEXT + "}}"));
        json(send(server, "PATCH", session(user), "{\"history\":[" + TEXT + "]}"));
        String entry = "{\"role\":\"user\",\"text\":" + TEXT + ",\"user\":" + user + "}";
        json(send(server, "POST", history(user), "{\"entries\":[" + entry + "]}"));
        json(send(server, "POST", history(GROUP), "{\"entries\":[" + entry + "]}"));
        json(send(server, "PUT", cache(user), "{\"value\":" + TEXT + "}"));
        json(send(
                server,
                "POST",
                "/v1/bundles/" + BOT,
                "{\"chat\":" + user + ",\"message_id\":1,\"date\":1790000000,\"text\":" + TEXT + "}"));
        json(send(server, "PUT", "/v1/access/" + BOT + "/" + user, "{\"has_access\":true,\"reason\":\"paid\"}"));
        assertThat(get(server, "/v1/access/" + BOT + "/" + user)).contains("paid");
        assertThat(found(server, user)).containsExactlyElementsOf(places(user));
    }

    private static List<String> found(SluiceServer server, long user) throws Exception {
        var found = new ArrayList<String>();
        for (String place : places(user)) {
            if (get(server, place).contains(WORD)) {
                found.add(place);
            }
        }
        return found;
    }

    private static JsonNode forget(SluiceServer server, long user) throws Exception {
        return json(send(server, "DELETE", "/v1/users/" + user, ""));
    }

    private static void isForgotten(SluiceServer server, long user) {
        await().atMost(BOUND).until(() -> found(server, user).isEmpty());
        await().atMost(BOUND)
                .until(() -> !get(server, "/v1/access/" + BOT + "/" + user).contains("paid"));
    }

    @Test
    void what_three_replicas_have_in_their_memory_is_gone_from_each_and_what_comes_later_stays() throws Exception {
        var third = opened(replica(redis.port()));
        isKnownAt(third, ANN);
        for (SluiceServer server : List.of(asked, far, third)) {
            tell(server, ANN);
        }
        assertThat(forget(asked, ANN).path("complete").asBoolean()).isTrue();
        assertThat(found(asked, ANN)).isEmpty();
        for (SluiceServer server : List.of(asked, far, third)) {
            isForgotten(server, ANN);
            assertThat(get(server, "/v1/bundles/" + BOT + "?wait_ms=2000")).doesNotContain(WORD);
        }
        // They come back, and another is forgotten, until which all have looked once more.
        for (SluiceServer server : List.of(asked, far, third)) {
            tell(server, ANN);
            tell(server, BOB);
            json(send(server, "DELETE", history(GROUP), ""));
        }
        forget(far, BOB);
        isForgotten(asked, BOB);
        isForgotten(third, BOB);
        for (SluiceServer server : List.of(asked, far, third)) {
            assertThat(found(server, ANN)).contains(fsm(ANN), session(ANN), history(ANN), cache(ANN));
        }
    }

    @Test
    void who_was_cut_off_has_forgotten_before_it_answers_again_by_what_redis_says() throws Exception {
        tell(far, ANN);
        tell(far, BOB);
        way.refuse();
        await().atMost(BOUND).until(() -> send(far, "GET", fsm(ANN), "").statusCode() == 503);
        forget(asked, ANN);
        way.accept();
        var first = new ArrayList<String>();
        await().atMost(BOUND).until(() -> {
            var answer = send(far, "GET", fsm(ANN), "");
            if (answer.statusCode() == 200) {
                first.add(answer.body());
            }
            return !first.isEmpty();
        });
        assertThat(first.getFirst()).doesNotContain(WORD);
        isForgottenExceptTheGroup(far, ANN);
        assertThat(found(far, BOB)).containsExactlyElementsOf(places(BOB));
    }

    /** Bob's text in the group is the same. */
    private static void isForgottenExceptTheGroup(SluiceServer server, long user) {
        await().atMost(BOUND).until(() -> found(server, user).equals(List.of(history(GROUP))));
    }

    @Test
    void who_was_cut_off_for_longer_than_the_record_lasts_forgets_all_that_only_it_had_of_users() throws Exception {
        tell(far, ANN);
        tell(far, BOB);
        json(send(far, "PATCH", fsm(CLEO), "{\"data\":{\"name\":" + TEXT + "}}"));
        way.refuse();
        await().atMost(BOUND).until(() -> send(far, "GET", fsm(ANN), "").statusCode() == 503);
        forget(asked, ANN);
        redis.tell("DEL sluice:privacy:{all}:forgotten"); // as it does after an hour
        way.accept();
        isForgotten(far, ANN);
        assertThat(found(far, BOB)).isEmpty();
        assertThat(get(far, "/v1/users/" + BOB)).contains("none");
        assertThat(get(far, fsm(CLEO))).as("in Redis").contains(WORD);
    }

    @Test
    void while_redis_is_frozen_it_is_said_that_others_were_not_told_and_asked_once_more_they_are() throws Exception {
        tell(far, ANN);
        redis.freeze();
        try {
            JsonNode report = forget(asked, ANN);
            assertThat(report.path("complete").asBoolean()).isFalse();
            assertThat(report.path("failed").toString()).contains("privacy").contains("fsm");
        } finally {
            redis.thaw();
        }
        await().atMost(BOUND).until(() -> forget(asked, ANN).path("complete").asBoolean());
        isForgotten(far, ANN);
    }

    @Test
    void
            what_is_cached_of_whoever_gets_none_is_gone_everywhere_although_the_one_that_was_asked_was_killed_before_it_purged()
                    throws Exception {
        json(send(far, "PUT", cache(CLEO), "{\"value\":" + TEXT + "}"));
        json(send(far, "PATCH", fsm(CLEO), "{\"data\":{\"name\":" + TEXT + "}}"));
        assertThat(redis.tell("EXISTS sluice:fsm:{" + CLEO + "}:" + BOT + ":" + CLEO + ":0:default"))
                .contains("1");
        try (RedisStore store = RedisStore.connect(
                        RedisSettings.parse(redis.uri()).withCommandTimeout(BOUND), RedisEvents.NONE);
                PrivacyLevels killed = PrivacyLevels.onRedis(store, KeySpace.DEFAULT)) {
            killed.set(CLEO, PrivacyLevel.NONE);
        }
        await().atMost(BOUND).until(() -> !get(far, cache(CLEO)).contains(WORD));
        await().atMost(BOUND)
                .until(() -> redis.tell("EXISTS sluice:fsm:{" + CLEO + "}:" + BOT + ":" + CLEO + ":0:default")
                        .contains("0"));
    }
}
