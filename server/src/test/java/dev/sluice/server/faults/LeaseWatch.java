package dev.sluice.server.faults;

import dev.sluice.redis.RedisProcess;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks at Redis all the time for a lease of a bot that is over and still there: how long what a dead worker held waits for the
 * living. Time in which Redis is away, or workers look whether it is back, does not count. Thread-safe.
 */
final class LeaseWatch implements AutoCloseable {
    private static final long NAP_NANOS = 20_000_000;

    /** The longest pause between two attempts of a worker to connect, and half a second until it asks its queue again. */
    private static final long RECONNECTING_NANOS = 1_500_000_000;

    /** How far the lease that ended first is over, in microseconds; negative if it is not, or there is none. */
    private static final String OVERDUE = "EVAL \"local l = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES') "
            + "if not l[2] then return -1 end local t = redis.call('TIME') return t[1] * 1000000 + t[2] - l[2]\" 1 ";

    private final RedisProcess redis;
    private final String leased;
    private volatile boolean ended;
    private volatile long longestMicros;

    LeaseWatch(RedisProcess redis, long bot) {
        this.redis = redis;
        this.leased = "sluice:msg_queue:{" + bot + "}:leased";
        Thread.ofPlatform().daemon().name("lease-watch").start(this::watch);
    }

    private void watch() {
        long since = System.nanoTime();
        while (!ended) {
            try {
                long overdue = Long.parseLong(redis.tell(OVERDUE + leased).substring(1));
                long up = (System.nanoTime() - since) / 1_000;
                longestMicros = Math.max(longestMicros, Math.min(overdue, up));
            } catch (IllegalStateException | UncheckedIOException e) {
                since = System.nanoTime() + RECONNECTING_NANOS; // killed, or loading
            }
            LockSupport.parkNanos(NAP_NANOS);
        }
    }

    Duration longest() {
        return Duration.ofNanos(longestMicros * 1_000);
    }

    @Override
    public void close() {
        ended = true;
    }
}
