package dev.sluice.redis;

import java.time.Duration;

/** A point on this process' monotonic clock by which a call must be over. */
record Deadline(long startNanos, long lengthNanos) {

    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime(), time.toNanos());
    }

    /** What is left; zero or less once it has passed. */
    long remainingNanos() {
        return lengthNanos - (System.nanoTime() - startNanos);
    }

    /** When it passes, {@link System#nanoTime}. */
    long endNanos() {
        return startNanos + lengthNanos;
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    long lengthMillis() {
        return lengthNanos / 1_000_000;
    }
}
