package dev.sluice.limit;

import java.time.Duration;

/** The range of a park. */
final class Parks {
    private Parks() {}

    static void require(Duration duration) {
        if (!duration.isPositive() || duration.compareTo(RateLimiter.LONGEST_PARK) > 0) {
            throw new IllegalArgumentException(
                    "a park must be more than zero, up to " + RateLimiter.LONGEST_PARK + ", not " + duration);
        }
    }
}
