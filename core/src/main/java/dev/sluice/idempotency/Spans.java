package dev.sluice.idempotency;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** The spans of time a claim knows, and their bounds. */
final class Spans {
    private static final Duration SHORTEST_LEASE = Duration.ofMillis(10);
    private static final Duration LONGEST_LEASE = Duration.ofHours(1);
    private static final Duration SHORTEST_KEEP = Duration.ofMillis(1);
    private static final Duration LONGEST_KEEP = Duration.ofDays(31);

    private Spans() {}

    static void requireLease(Duration lease) {
        if (lease.compareTo(SHORTEST_LEASE) < 0 || lease.compareTo(LONGEST_LEASE) > 0) {
            throw new IllegalArgumentException("lease must be 10 ms to 1 h, not " + lease);
        }
    }

    static void requireKeep(Duration keep) {
        if (keep.compareTo(SHORTEST_KEEP) < 0 || keep.compareTo(LONGEST_KEEP) > 0) {
            throw new IllegalArgumentException("keep must be 1 ms to 31 days, not " + keep);
        }
    }

    /** For how long a claim counts as unknown once abandoned; 0 if it may be taken over. */
    static long keepMicros(ClaimRequest.Abandoned abandoned) {
        return switch (abandoned) {
            case ClaimRequest.Abandoned.TakeOver() -> 0;
            case ClaimRequest.Abandoned.BecomesUnknown(Duration keep) -> micros(keep);
        };
    }

    static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }

    static Duration ofMicros(long micros) {
        return Duration.of(micros, ChronoUnit.MICROS);
    }
}
