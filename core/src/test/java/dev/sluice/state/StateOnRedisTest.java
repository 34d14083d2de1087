package dev.sluice.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.encryption.KeyRing;
import dev.sluice.fsm.ConversationKey;
import dev.sluice.fsm.FsmAnswer;
import dev.sluice.fsm.FsmStorage;
import dev.sluice.fsm.FsmWrite;
import dev.sluice.redis.ClusterFixture;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.session.SessionKey;
import dev.sluice.session.SessionWrite;
import dev.sluice.session.Sessions;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Conversations and sessions through a real connection: all that a step touches lies in one slot, and a Redis that is away is told in time. */
@Timeout(120)
class StateOnRedisTest {
    private static final Duration NOT_HANGING = Duration.ofSeconds(30);
    private static final BotId BOT = new BotId(77);

    private static RedisStore connect(String uri, Duration timeout) {
        return RedisStore.connect(RedisSettings.parse(uri).withCommandTimeout(timeout), RedisEvents.NONE);
    }

    private static FsmStorage fsm(RedisStore store) {
        return FsmStorage.onRedis(store, KeySpace.DEFAULT, FsmStorage.USUAL_KEEP, KeyRing.random(), StateEvents.NONE);
    }

    @Test
    void users_of_a_cluster_have_conversations_and_sessions() throws Exception {
        try (var cluster = new ClusterFixture(3, 0);
                RedisStore store = connect(cluster.uri(), Duration.ofSeconds(5))) {
            await().atMost(NOT_HANGING).until(store::isConnected);
            FsmStorage storage = fsm(store);
            Sessions sessions =
                    Sessions.onRedis(store, KeySpace.DEFAULT, Sessions.USUAL_KEEP, KeyRing.random(), StateEvents.NONE);
            for (int user = 1; user <= 20; user++) {
                ConversationKey key = ConversationKey.of(BOT, user, user);
                storage.write(key, FsmWrite.NOTHING.toState("a").put("user", JsonValue.of(user)));
                assertThat(storage.write(
                                key, FsmWrite.NOTHING.ifState("a").toState("b").remove("none")))
                        .isInstanceOf(FsmAnswer.Changed.class);
                assertThat(storage.find(key).value("user")).contains(JsonValue.of(user));
                var whose = new SessionKey(BOT, user);
                sessions.write(whose, SessionWrite.NOTHING.action(JsonValue.of(user)));
                assertThat(sessions.find(whose).actions()).hasSize(1);
            }
        }
    }

    @Test
    void a_redis_that_is_frozen_is_told_within_the_deadline() throws Exception {
        try (var redis = RedisFixture.start();
                RedisStore store = connect(redis.uri(), Duration.ofMillis(300))) {
            await().atMost(NOT_HANGING).until(store::isConnected);
            FsmStorage storage = fsm(store);
            ConversationKey key = ConversationKey.of(BOT, 1, 1);
            await().atMost(NOT_HANGING)
                    .ignoreExceptions()
                    .until(() -> storage.find(key).isEmpty());
            redis.freeze();
            try {
                assertThatThrownBy(() -> storage.find(key)).isInstanceOf(RedisUnavailableException.class);
                assertThatThrownBy(() -> storage.write(key, FsmWrite.NOTHING.toState("a")))
                        .isInstanceOf(RedisUnavailableException.class);
            } finally {
                redis.thaw();
            }
        }
    }
}
