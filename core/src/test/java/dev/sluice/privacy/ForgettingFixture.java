package dev.sluice.privacy;

import dev.sluice.limit.SettableMicros;
import dev.sluice.privacy.PrivacyContract.Part;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.MendListener;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import io.lettuce.core.RedisCommandExecutionException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;

/** Processes on one Redis, by clocks that are set. */
abstract class ForgettingFixture {
    static final long ANN = 42;
    static final long BOB = 43;
    static final int PAGE = 3;
    static final String RECORD = "sluice:privacy:{all}:forgotten";

    final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner runner = redis.clockRunner();
    final SettableMicros clock = new SettableMicros();
    private final AtomicLong nanos = new AtomicLong(1);

    /** What was taken out that another program had written. */
    final Map<String, Long> mended = new HashMap<>();

    private final MendListener mending = (family, what, count) -> mended.merge(family + " " + what, count, Long::sum);

    /** As many calls are answered from now on. */
    long answersLeft = Long.MAX_VALUE;

    /** One process. */
    final class Replica {
        final PersonalDataRegistry data = new PersonalDataRegistry();
        final Part part = new Part("things");
        final RedisPrivacyLevels levels =
                new RedisPrivacyLevels(byClock(), KeySpace.DEFAULT, 1_000, PAGE, nanos::get, data, mending);
        final Privacy privacy = new Privacy(levels, data);

        Replica() {
            data.add(part);
        }

        /** What it was asked since the last time. */
        List<String> forgot() {
            var forgot = List.copyOf(part.askedHere);
            part.askedHere.clear();
            return forgot;
        }
    }

    final ScriptRunner byClock() {
        return (script, keys, args) -> {
            synchronized (runner) {
                if (--answersLeft < 0) {
                    throw new RedisUnavailableException(
                            RedisUnavailableException.Reason.NOT_CONNECTED, "away", false, null);
                }
                runner.setNow(clock.getAsLong());
                try {
                    return runner.run(script, keys, args);
                } catch (RedisCommandExecutionException e) {
                    throw new RedisScriptException(script.name(), e); // as the real one
                }
            }
        };
    }

    final Replica replica() {
        // Numbers of many changes at once are ahead of the clock.
        elapse(Duration.ofMillis(1));
        var replica = new Replica();
        replica.levels.look();
        return replica;
    }

    final void elapse(Duration time) {
        clock.advance(time);
        nanos.addAndGet(time.toNanos());
    }

    @BeforeEach
    void flush() {
        redis.flush();
        clock.advance(Duration.ofDays(20_000));
    }
}
