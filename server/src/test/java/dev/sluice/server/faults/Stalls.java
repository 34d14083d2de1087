package dev.sluice.server.faults;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * How long the machine kept a thread waiting that had something to do: what a bound on time must allow for where others use
 * the same cores. Thread-safe.
 */
public final class Stalls implements AutoCloseable {
    private static final long NAP_NANOS = 5_000_000;

    private volatile boolean ended;
    private volatile long longestNanos;

    public Stalls() {
        Thread.ofPlatform().daemon().name("stalls").start(this::watch);
    }

    private void watch() {
        while (!ended) {
            long start = System.nanoTime();
            LockSupport.parkNanos(NAP_NANOS);
            longestNanos = Math.max(longestNanos, System.nanoTime() - start - NAP_NANOS);
        }
    }

    public Duration longest() {
        return Duration.ofNanos(longestNanos);
    }

    /** The window that limits are held to: what left a whole one apart arrives closer together when the receiver itself stalled. */
    public Duration takenFrom(Duration window) {
        Duration left = window.minus(longest());
        return left.isPositive() ? left : Duration.ofNanos(1_000);
    }

    @Override
    public void close() {
        ended = true;
    }
}
