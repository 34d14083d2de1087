package dev.sluice.limit;

import java.time.Duration;

/**
 * Decides whether actions may pass their limits. Thread-safe.
 *
 * <p>Guarantees: a decision is atomic over all its buckets; a denial charges nothing; no window of a
 * {@link Limit.StrictWindow} ever admits more than its capacity, except by one action that alone costs more or by an
 * overdraft; time is the backend's (Redis' own clock, or this process' monotonic clock in memory), never the caller's.
 * A backend clock that jumps back delays nobody longer than one window; one that jumps forward may admit one more burst.
 */
public interface RateLimiter {
    /** The longest park. */
    Duration LONGEST_PARK = Duration.ofDays(1);

    /** Decides now. */
    Decision tryAcquire(Acquisition acquisition);

    /**
     * Lets nothing pass the bucket for {@code duration}. A park only ever moves later.
     *
     * @param duration more than zero, up to {@link #LONGEST_PARK}
     */
    void park(Bucket bucket, Duration duration);

    /** What a bucket holds now; an unknown bucket is empty. */
    BucketStatistics statistics(Bucket bucket, Limit limit);
}
