package dev.sluice.limit;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The answer to an {@link Acquisition}. */
public sealed interface Decision {

    /**
     * All buckets were charged; or none, since the limits are in shadow mode and one of them would have denied it.
     *
     * @param at from when on it counts: microseconds on the clock of whoever decided, good for
     *     {@link RateLimiter#postpone} only
     * @param remaining per charge, in order: how many of weight 1 would pass right after this one; none if nothing was charged
     * @param shadowDenied the bucket that would have denied it, were its limit enforced
     */
    record Allowed(long at, List<Integer> remaining, Optional<Bucket> shadowDenied) implements Decision {
        public Allowed {
            remaining = List.copyOf(remaining);
        }

        /** All buckets were charged. */
        public Allowed(long at, List<Integer> remaining) {
            this(at, remaining, Optional.empty());
        }
    }

    /**
     * No bucket was charged.
     *
     * @param bucket the one that holds longest
     * @param cause why it holds
     * @param retryAfter from the decision on; at this time and not 1 ms before, the same question would pass if nobody
     *     else were admitted meanwhile and those ahead in line took their turn, each of weight 1, as soon as it could
     * @param remaining what the limiting bucket would let pass now, in units of weight
     * @param queued how many messages of the queue go first; the time does not count them, and is only when to ask again
     */
    record Denied(Bucket bucket, Cause cause, Duration retryAfter, int remaining, int queued) implements Decision {
        public Denied(Bucket bucket, Cause cause, Duration retryAfter, int remaining) {
            this(bucket, cause, retryAfter, remaining, 0);
        }
    }

    /** Why a bucket denies. */
    enum Cause {
        /** It is full. */
        LIMIT,
        /** Telegram said 429: nothing passes until the park ends. */
        PARK,
        /** Telegram said 429 before: a pace slower than the limit holds, which rises with time. */
        LEARNED,
        /** It has room, but others are ahead in line. */
        TURN,
        /** Messages that were queued for the same chat go first, or one of them is under way. */
        QUEUE
    }
}
