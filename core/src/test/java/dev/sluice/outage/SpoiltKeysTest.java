package dev.sluice.outage;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.sluice.session.SessionKey;
import dev.sluice.session.SessionWrite;
import dev.sluice.session.Sessions;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever another program writes into any key of one person, others go on, and they themselves once it is gone. */
@Timeout(120)
class SpoiltKeysTest extends SpoiltKeysFixture {
    private static final BotId BOT = new BotId(42);
    private static final Duration KEEP = Duration.ofMinutes(10);
    private static final KeySpace KEYS = KeySpace.DEFAULT;

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
