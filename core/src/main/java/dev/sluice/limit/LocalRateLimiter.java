package dev.sluice.limit;

import java.time.Duration;
import java.util.Optional;

/** A limiter of this process alone, which can also say what it would decide. Thread-safe. */
public interface LocalRateLimiter extends RateLimiter {
    /** The denial that {@link #tryAcquire} would answer now, if any. Charges nothing, and nobody takes a place in line. */
    Optional<Decision.Denied> denial(Acquisition acquisition);

    /**
     * Gives whoever waits, if anybody does, a place in a bucket's line, until some time after {@code turn}.
     *
     * @param bucket one that the acquisition is charged to
     */
    void standInLine(Acquisition acquisition, Bucket bucket, Duration turn);

    /**
     * Decides for a message of the queue, which stands in line with those that wait. At the buckets of its own chat its place
     * is given by {@link Acquisition#cameAgo()}, and it needs none; at those of all chats it goes before everybody if it is
     * owed its turn, and keeps a place there until it has had it; else after everybody.
     */
    Decision tryAcquireQueued(Acquisition acquisition, boolean owed);

    /** How far apart turns are at the pace that Telegram's 429 taught about a bucket; zero if there is none. */
    Duration spacing(Bucket bucket, Limit limit);

    /**
     * Fits a bucket that was charged under another limit: a smooth one is no fuller than full, so that time takes it from there at the new
     * pace; and who waits for more than ever passes leaves the line.
     */
    void refit(Bucket bucket, Limit limit);

    /** Charges a bucket with what another of the same limit was charged, too, and parks it as long. */
    void join(Bucket from, Bucket into, Limit limit);
}
