package dev.sluice.event;

import java.time.Duration;

/**
 * For how long, and among how many, the events of a stream are told apart: an id is known for {@code length} at least, unless
 * {@code most} newer ones have come since, and for twice that at most.
 *
 * @param length 1 s to 31 days
 * @param most ids, 1,000 to 10,000,000
 */
public record DedupeWindow(Duration length, int most) {
    public static final Duration SHORTEST = Duration.ofSeconds(1);
    public static final Duration LONGEST = Duration.ofDays(31);

    /** A batch must fit. */
    public static final int LEAST = EventDeduplicator.LARGEST_BATCH;

    public static final int MOST = 10_000_000;

    /** A day outlasts the redelivery of any source that we know; 100,000 ids are some 13 MB of Redis at worst. */
    public static final DedupeWindow DEFAULT = new DedupeWindow(Duration.ofDays(1), 100_000);

    public DedupeWindow {
        if (length.compareTo(SHORTEST) < 0 || length.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a window must last 1 s to 31 days, not " + length);
        }
        if (most < LEAST || most > MOST) {
            throw new IllegalArgumentException("a window must hold " + LEAST + " to " + MOST + " ids, not " + most);
        }
    }

    long lengthMicros() {
        return length.toNanos() / 1_000;
    }
}
