package dev.sluice.limit;

/**
 * A limiter that processes share, and what it spared them of round trips. Thread-safe.
 *
 * <p>What is asked at once under one hash tag is decided together, in the order in which it came, each question as if by itself.
 * A bucket that is full or parked is remembered for at most a second, see {@link RateLimiters#onRedis}.
 */
public interface SharedRateLimiter extends RateLimiter {
    RoundTrips roundTrips();

    /**
     * Since the limiter was made.
     *
     * @param decisions that Redis made
     * @param calls that those took
     * @param deniedLocally denials without asking Redis
     */
    record RoundTrips(long decisions, long calls, long deniedLocally) {}
}
