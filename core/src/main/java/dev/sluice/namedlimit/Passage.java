package dev.sluice.namedlimit;

import dev.sluice.limit.Decision;
import java.time.Duration;

/** What became of a {@link Use}. */
public sealed interface Passage {
    /** What held when it was decided. */
    NamedLimit limit();

    /** How many of weight 1 would pass right after this one. */
    int remaining();

    /** Whether all replicas were taken into account; false if the store could not be asked, or what it says is not all of it yet. */
    boolean complete();

    /**
     * Passes, and was charged.
     *
     * @param resetsIn until all of the limit is free again, if nobody else comes
     */
    record Allowed(NamedLimit limit, int remaining, Duration resetsIn, boolean complete) implements Passage {}

    /**
     * Passes, though its limit would have denied it, since that is in shadow mode; was not charged.
     *
     * @param retryAfter when it would have passed; a window, if it weighs more than ever would have
     */
    record Overlooked(NamedLimit limit, int remaining, Duration retryAfter, boolean complete) implements Passage {}

    /**
     * Does not pass, and was not charged.
     *
     * @param retryAfter from the answer on; at this time and not before the same would pass, if nobody else were let in meanwhile
     */
    record Denied(NamedLimit limit, int remaining, Duration retryAfter, boolean complete) implements Passage {}

    /** Whether it may go on. */
    default boolean passes() {
        return switch (this) {
            case Allowed a -> true;
            case Overlooked o -> true;
            case Denied d -> false;
        };
    }

    /** How a denial ends under a limit. */
    static Passage denied(NamedLimit limit, int remaining, Duration retryAfter, boolean complete) {
        return limit.shadow()
                ? new Overlooked(limit, remaining, retryAfter, complete)
                : new Denied(limit, remaining, retryAfter, complete);
    }

    static Passage denied(NamedLimit limit, Decision.Denied denial, boolean complete) {
        return denied(limit, denial.remaining(), denial.retryAfter(), complete);
    }

    /**
     * What weighs more than its limit ever lets pass at once.
     *
     * @throws TooHeavyException unless it is overlooked
     */
    static Passage tooHeavy(NamedLimit limit, int weight, boolean complete) {
        if (!limit.shadow()) {
            throw new TooHeavyException(limit, weight);
        }
        return new Overlooked(limit, 0, limit.window(), complete);
    }
}
