package dev.sluice.redis;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Notices that the clock of a part of Redis jumped: what its replies say the time is, held against this process' monotonic clock, which
 * never jumps. A replica that was promoted, a server that was restarted or set right has another time than before, and everything that is
 * measured by it ends earlier or later. Thread-safe. Bounded.
 *
 * <p>A reply's time was taken between question and answer, so each gives bounds on how far the server's clock is ahead. Bounds that cannot
 * both hold are a jump, if they are further apart than {@link #TOLERANCE}; less is drift.
 */
public final class ServerClocks {
    /** Clocks that are set right step by step, and those that drift, move by less between two readings. */
    public static final Duration TOLERANCE = Duration.ofSeconds(1);

    private static final long TOLERANCE_MICROS = TOLERANCE.toNanos() / 1_000;

    /** More parts than a Cluster can have masters; beyond that, all are forgotten. */
    private static final int MOST_PARTS = 1_024;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Reading> readings = new ConcurrentHashMap<>();

    /**
     * By how much a server's clock is ahead of this process', in microseconds: at least and at most.
     *
     * @param jumped when a jump was noticed last: what was asked before says nothing more
     */
    private record Reading(long least, long most, long jumped) {}

    /**
     * Takes note of a reply.
     *
     * @param part which part of Redis answered, as {@link ScriptRunner#shardOf} calls it
     * @param asked microseconds of a clock that never jumps, before the question was sent
     * @param server what the reply says the time is, microseconds
     * @param answered microseconds of the same clock as {@code asked}, when the reply was there
     * @return how far the clock jumped, ahead if positive; empty if it did not
     */
    public Optional<Duration> read(String part, long asked, long server, long answered) {
        long least = server - answered;
        long most = server - asked;
        Reading known = readings.get(part);
        if (known != null && least <= known.least() && most >= known.most()) {
            // The way that is nearly always taken: nothing that was not known.
            return Optional.empty();
        }
        lock.lock();
        try {
            Reading before = readings.get(part);
            if (before == null) {
                if (readings.size() >= MOST_PARTS) {
                    readings.clear();
                }
                readings.put(part, new Reading(least, most, Long.MIN_VALUE));
                return Optional.empty();
            }
            if (asked < before.jumped()) {
                return Optional.empty();
            }
            long ahead = least - before.most();
            long behind = before.least() - most;
            long gap = Math.max(ahead, behind);
            if (gap <= 0) {
                // Both hold: so does what they have in common.
                readings.put(
                        part,
                        new Reading(Math.max(least, before.least()), Math.min(most, before.most()), before.jumped()));
                return Optional.empty();
            }
            boolean jump = gap > TOLERANCE_MICROS;
            readings.put(part, new Reading(least, most, jump ? answered : before.jumped()));
            return jump ? Optional.of(Duration.of(ahead > 0 ? ahead : -behind, ChronoUnit.MICROS)) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }
}
