package dev.sluice.limit;

import java.time.Duration;

/** Time as the buckets count it. */
final class Microseconds {
    private Microseconds() {}

    /** The window or interval, rounded up: rounding must never let more through. */
    static long span(Limit limit) {
        return switch (limit) {
            case Limit.StrictWindow window -> of(window.window());
            case Limit.Gcra gcra -> of(gcra.interval());
        };
    }

    static long of(Duration duration) {
        return Math.addExact(
                Math.multiplyExact(duration.getSeconds(), 1_000_000L), Math.ceilDiv(duration.getNano(), 1_000));
    }

    static Duration duration(long micros) {
        return Duration.ofSeconds(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
    }
}
