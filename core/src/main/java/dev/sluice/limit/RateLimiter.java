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

    /**
     * Telegram said 429: parks the chat, and the bot if several chats are told so within {@link Floods#COUNT_FOR}; and lowers the
     * pace of whatever it was most likely the limit of, which then holds beside that limit until time has raised it again.
     * Of several that were admitted before the pace was lowered only the first counts.
     */
    Floods.Told flooded(Flood flood);

    /**
     * Forgets what was learned about a bucket; its limit, its park and what it was charged stay.
     *
     * @return whether anything was
     */
    boolean forgetLearned(Bucket bucket);

    /** What a bucket holds now; an unknown bucket is empty. */
    BucketStatistics statistics(Bucket bucket, Limit limit);
}
