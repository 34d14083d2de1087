package dev.sluice.limit;

import java.time.Duration;

/** The range of a duration that a caller gives. */
final class Durations {
    private Durations() {}

    /** @param what names it, as in "a park" */
    static void require(String what, Duration duration, Duration longest) {
        if (!duration.isPositive() || duration.compareTo(longest) > 0) {
            throw new IllegalArgumentException(
                    what + " must be more than zero, up to " + longest + ", not " + duration);
        }
    }
}
