package dev.sluice.limit;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Makes rate limiters. */
public final class RateLimiters {
    private RateLimiters() {}

    /** For one process, on its monotonic clock. */
    public static LocalRateLimiter inMemory() {
        return inMemory(() -> System.nanoTime() / 1_000);
    }

    /**
     * For one process.
     *
     * @param microClock microseconds that never go back
     */
    public static LocalRateLimiter inMemory(LongSupplier microClock) {
        return new InMemoryRateLimiter(microClock);
    }

    /**
     * For one process, of bounded size.
     *
     * @param microClock microseconds that never go back
     * @param mostHeld how many buckets are held; beyond that, which is idle again soonest is forgotten
     */
    public static LocalRateLimiter inMemory(LongSupplier microClock, int mostHeld) {
        if (mostHeld < 1) {
            throw new IllegalArgumentException("at least 1 bucket must be held, not " + mostHeld);
        }
        return new InMemoryRateLimiter(microClock, mostHeld);
    }

    /**
     * Shared by all processes on one Redis. Remembers for up to a second which buckets are full or parked, and denies by that without
     * asking: a denial may be wrong for so long after buckets were deleted, a failover lost writes or the server's clock jumped ahead,
     * an admission never.
     */
    public static SharedRateLimiter onRedis(ScriptRunner redis, KeySpace keys) {
        return onRedis(redis, keys, DeniedUntil.LONGEST);
    }

    /**
     * The same.
     *
     * @param remember for how long, at most, a denial is remembered: zero, which asks every time, to 1 s
     */
    public static SharedRateLimiter onRedis(ScriptRunner redis, KeySpace keys, Duration remember) {
        return new RedisRateLimiter(redis, keys, new DeniedUntil(remember, System::nanoTime));
    }

    /**
     * Shared by all processes while Redis can be asked, and what the policy says while it cannot.
     *
     * @param share this replica's, used by nobody else; a {@link dev.sluice.redis.RedisWatch} should tell it what it finds
     */
    public static RateLimiter onRedisOr(
            ScriptRunner redis, KeySpace keys, LocalShare share, OnStoreFailure policy, OutageListener listener) {
        return new FailoverRateLimiter(
                new RedisRateLimiter(redis, keys), share, policy, listener, BucketScript.partOf(redis, keys));
    }
}
