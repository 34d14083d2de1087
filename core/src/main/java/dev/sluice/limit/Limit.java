package dev.sluice.limit;

import java.time.Duration;

/** How much a bucket lets through. */
public sealed interface Limit {

    /** The longest that anything may keep a bucket busy: far more than is needed, far less than a double counts exactly. */
    Duration LONGEST = Duration.ofDays(366);

    /** The longest window and the longest interval. */
    Duration LONGEST_SPAN = Duration.ofDays(31);

    /** The most that passes at once, in units of weight. */
    int capacity();

    /**
     * A strict window: at most {@code capacity} in any {@code window}, wherever it begins. Exact, because the times of
     * the last {@code capacity} admissions are kept; a token bucket refilled at the same rate would let nearly twice as
     * many through.
     *
     * @param capacity 1 to 10,000
     * @param window 1 ms to 31 days
     */
    record StrictWindow(int capacity, Duration window) implements Limit {
        public StrictWindow {
            requireCapacity(capacity);
            requireDuration("window", window, Duration.ofMillis(1));
        }
    }

    /**
     * The generic cell rate algorithm (ITU-T I.371): one per {@code interval} on average, up to {@code capacity} at once
     * after a rest. Smooths; in a window right after a rest up to {@code capacity} more pass than the rate says.
     *
     * @param capacity the burst, 1 to 10,000
     * @param interval 100 microseconds to 31 days; {@code capacity} of them at most {@link #LONGEST}
     */
    record Gcra(int capacity, Duration interval) implements Limit {
        public Gcra {
            requireCapacity(capacity);
            requireDuration("interval", interval, Duration.ofNanos(100_000));
            if (interval.multipliedBy(capacity).compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("a burst of " + capacity + " at one per " + interval
                        + " takes longer than " + LONGEST + " to earn back");
            }
        }
    }

    /** At most {@code count} in any {@code window}. */
    static Limit atMost(int count, Duration window) {
        return new StrictWindow(count, window);
    }

    /** One per {@code interval}, {@code burst} at once after a rest. */
    static Limit smooth(int burst, Duration interval) {
        return new Gcra(burst, interval);
    }

    private static void requireCapacity(int capacity) {
        if (capacity < 1 || capacity > 10_000) {
            throw new IllegalArgumentException("capacity must be 1 to 10000, not " + capacity);
        }
    }

    private static void requireDuration(String name, Duration value, Duration least) {
        if (value.compareTo(least) < 0 || value.compareTo(LONGEST_SPAN) > 0) {
            throw new IllegalArgumentException(name + " must be " + least + " to " + LONGEST_SPAN + ", not " + value);
        }
    }
}
