package dev.sluice.limit;

import java.time.Duration;

/** The range of a park. */
final class Parks {
    private static final Duration LONGEST = Duration.ofDays(1);

    private Parks() {}

    static void require(Duration duration) {
        if (!duration.isPositive() || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a park must be more than zero, up to " + LONGEST + ", not " + duration);
        }
    }
}
