package dev.sluice.limit;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.TestClockRunner;
import java.util.function.LongSupplier;

/** The Redis limiter on the shared Redis, by a clock that the test sets. */
final class RedisByTestClock {
    static final KeySpace KEYS = KeySpace.DEFAULT;

    private RedisByTestClock() {}

    static RateLimiter limiter(LongSupplier microClock) {
        return limiter(microClock, RedisFixture.shared().clockRunner().withLongerTtls());
    }

    /** One whose keys' TTLs are looked at. */
    static RateLimiter withItsOwnTtls(LongSupplier microClock) {
        return limiter(microClock, RedisFixture.shared().clockRunner());
    }

    private static RateLimiter limiter(LongSupplier microClock, TestClockRunner runner) {
        return new RedisRateLimiter(
                (script, keys, args) -> {
                    runner.setNow(microClock.getAsLong());
                    return runner.run(script, keys, args);
                },
                KEYS);
    }
}
