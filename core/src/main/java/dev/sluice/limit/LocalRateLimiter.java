package dev.sluice.limit;

import java.util.Optional;

/** A limiter of this process alone, which can also say what it would decide. Thread-safe. */
public interface LocalRateLimiter extends RateLimiter {
    /** The denial that {@link #tryAcquire} would answer now, if any. Charges nothing, and nobody takes a place in line. */
    Optional<Decision.Denied> denial(Acquisition acquisition);

    /**
     * Decides for a message of the queue, which stands in line with those that wait. At the buckets of its own chat its place
     * is given by {@link Acquisition#cameAgo()}, and it needs none; at those of all chats it goes before everybody if it is
     * owed its turn, and keeps a place there until it has had it; else after everybody.
     */
    Decision tryAcquireQueued(Acquisition acquisition, boolean owed);
}
