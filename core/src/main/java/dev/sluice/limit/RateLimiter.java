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
     * Lets an admission count from later on, since what it admitted happened that much later than it was decided. The next
     * ones are then as far behind what happened as the limit wants. What was admitted meanwhile stays admitted.
     *
     * @param acquisition as it was asked
     * @param by more than zero, up to {@link Limit#LONGEST_SPAN}; an admission never counts from later than now
     */
    void postpone(Acquisition acquisition, Decision.Allowed admission, Duration by);

    /**
     * Lets nothing pass the bucket for {@code duration}. A park only ever moves later.
     *
     * @param duration more than zero, up to {@link #LONGEST_PARK}
     */
    void park(Bucket bucket, Duration duration);

    /** What a bucket holds now; an unknown bucket is empty. */
    BucketStatistics statistics(Bucket bucket, Limit limit);
}
