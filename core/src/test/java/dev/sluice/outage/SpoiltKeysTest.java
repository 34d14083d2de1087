package dev.sluice.outage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.SluiceException;
import dev.sluice.encryption.KeyRing;
import dev.sluice.fsm.ConversationKey;
import dev.sluice.fsm.FsmStorage;
import dev.sluice.fsm.FsmWrite;
import dev.sluice.history.ChatRole;
import dev.sluice.history.Histories;
import dev.sluice.history.HistoryKey;
import dev.sluice.history.NewEntry;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Limit;
import dev.sluice.limit.RateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SharedRedis;
import dev.sluice.session.SessionKey;
import dev.sluice.session.SessionWrite;
import dev.sluice.session.Sessions;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever another program writes into any key of one person, others go on, and they themselves once it is gone. */
@Timeout(120)
class SpoiltKeysTest {
    private static final BotId BOT = new BotId(42);
    private static final long ANN = 4_711;
    private static final long BEN = 4_712;
    private static final Duration KEEP = Duration.ofMinutes(10);
    private static final KeySpace KEYS = KeySpace.DEFAULT;
    private static final List<String> RUBBISH = List.of("bytes", "nothing", "hash", "list", "cut", "spoilt");

    private final SharedRedis redis = RedisFixture.shared();
    private final RedisStore store = RedisStore.connect(
            RedisSettings.parse(redis.uri()).withCommandTimeout(Duration.ofSeconds(10)), RedisEvents.NONE);

    /** Something that is done for a person. */
    @FunctionalInterface
    private interface Use {
        /** @return whether it was done */
        boolean of(long user) throws Exception;
    }

    @BeforeEach
    void flush() {
        redis.flush();
        await().atMost(Duration.ofSeconds(30)).until(store::isConnected);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void nobodyElseIsHeldUp(Use use) throws Exception {
        assertThat(use.of(ANN)).isTrue();
        Set<String> hers = new TreeSet<>(redis.commands().keys("*"));
        hers.removeIf(key -> !key.contains(Long.toString(ANN)));
        assertThat(hers).isNotEmpty();
        assertThat(use.of(BEN)).isTrue();
        for (String key : hers) {
            for (String rubbish : RUBBISH) {
                spoil(key, rubbish);
                try {
                    use.of(ANN);
                } catch (SluiceException | IllegalStateException e) {
                    assertThat(e).as("her error, which shows nothing").hasMessageNotContaining("secret");
                }
                assertThat(use.of(BEN)).as("%s in %s", rubbish, key).isTrue();
                redis.commands().del(key);
                assertThat(use.of(ANN)).as("once it is gone").isTrue();
            }
        }
    }

    private void spoil(String key, String rubbish) {
        String type = redis.commands().type(key);
        if (rubbish.equals("cut") && type.equals("string")) {
            byte[] whole = redis.commands().get(key);
            redis.commands().set(key, Arrays.copyOf(whole, whole.length / 2));
        } else if (rubbish.equals("spoilt") && type.equals("hash")) {
            redis.commands().hkeys(key).forEach(field -> redis.commands().hset(key, field, "secret".getBytes(UTF_8)));
        } else {
            redis.commands().del(key);
            switch (rubbish) {
                case "hash" -> redis.commands().hset(key, "secret", new byte[] {1});
                case "list" -> redis.commands().lpush(key, "secret".getBytes(UTF_8));
                case "nothing" -> redis.commands().set(key, new byte[0]);
                default -> redis.commands().set(key, "secret \0 rubbish".getBytes(UTF_8));
            }
        }
    }

    @Test
    void conversations() throws Exception {
        var storage = FsmStorage.onRedis(store, KEYS, KEEP, KeyRing.random(), StateEvents.NONE);
        nobodyElseIsHeldUp(user -> {
            var key = ConversationKey.of(BOT, user, user);
            var unused = storage.write(key, FsmWrite.NOTHING.toState("paying"));
            return storage.find(key).state().isPresent();
        });
        spoil(anyOf("fsm"), "hash");
        storage.forget(BEN);
        assertThat(storage.find(ConversationKey.of(BOT, BEN, BEN)).state()).isEmpty();
    }

    private String anyOf(String family) {
        return redis.commands().keys("sluice:" + family + ":*" + ANN + "*").getFirst();
    }

    @Test
    void sessions() throws Exception {
        var sessions = Sessions.onRedis(store, KEYS, KEEP, KeyRing.random(), StateEvents.NONE);
        nobodyElseIsHeldUp(user -> {
            var key = new SessionKey(BOT, user);
            var unused = sessions.write(key, SessionWrite.NOTHING.action(JsonValue.of("/start")));
            return !sessions.find(key).isEmpty();
        });
    }

    @Test
    void histories() throws Exception {
        try (var histories =
                Histories.onRedis(store, KEYS).sealer(KeyRing.random()).build()) {
            var ids = new int[1];
            nobodyElseIsHeldUp(user -> {
                var chat = new HistoryKey(BOT, user);
                histories.append(
                        chat, List.of(NewEntry.of(ChatRole.USER, "secret words").id("m" + ids[0]++)));
                return !histories.read(chat).entries().isEmpty();
            });
        }
    }

    @Test
    void limits_of_those_who_ask_at_once() throws Exception {
        RateLimiter limiter = RateLimiters.onRedis(store, KEYS);
        nobodyElseIsHeldUp(user -> {
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var asked = new ArrayList<Future<Decision>>();
                for (int i = 0; i < 40; i++) {
                    long who = i % 4 == 0 && user == BEN ? ANN : user + 1_000L * i;
                    asked.add(threads.submit(() -> limiter.tryAcquire(Acquisition.of(new Charge(
                            new Bucket(BOT.toString(), "chat", Long.toString(who)),
                            Limit.atMost(1_000, Duration.ofSeconds(1)),
                            1)))));
                }
                boolean all = true;
                for (int i = 0; i < asked.size(); i++) {
                    Optional<Decision> decision = decided(asked.get(i));
                    boolean hers = i % 4 == 0 && user == BEN;
                    all &= hers
                            || decision.filter(Decision.Allowed.class::isInstance)
                                    .isPresent();
                }
                return all;
            }
        });
    }

    private static Optional<Decision> decided(Future<Decision> decision) throws InterruptedException {
        try {
            return Optional.of(decision.get());
        } catch (ExecutionException e) {
            return Optional.empty();
        }
    }
}
