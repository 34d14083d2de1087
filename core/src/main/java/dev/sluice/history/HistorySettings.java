package dev.sluice.history;

import java.time.Duration;

/**
 * How histories are kept.
 *
 * @param bounds of each
 * @param keep for how long after something was appended, 1 s to 31 days; what was loaded is loaded again after as long, whatever was appended
 *     since
 * @param within how long the store may take, 1 ms to 10 s
 * @param memory how many bytes of this process' memory they may take, 64 KB to 16 GB; beyond that the chats go first that nothing was appended
 *     to for longest
 */
public record HistorySettings(HistoryBounds bounds, Duration keep, Duration within, long memory) {
    public static final Duration SHORTEST_KEEP = Duration.ofSeconds(1);
    public static final Duration LONGEST_KEEP = Duration.ofDays(31);
    public static final long LEAST_MEMORY = 64 << 10;
    public static final long MOST_MEMORY = 16L << 30;

    /** Whose privacy level was changed has their texts purged again after 15 s: what was decided before must have been written by then. */
    private static final Duration LONGEST_LOAD = Duration.ofSeconds(10);

    /** 20 minutes: as long as a talk usually pauses. 64 MB: some 5,000 chats in which each said what fills a screen. */
    public static final HistorySettings DEFAULT =
            new HistorySettings(HistoryBounds.DEFAULT, Duration.ofMinutes(20), Duration.ofSeconds(2), 64L << 20);

    public HistorySettings {
        requireWithin("a history must be kept for", keep, SHORTEST_KEEP, LONGEST_KEEP);
        requireWithin("the store of a history may take", within, Duration.ofMillis(1), LONGEST_LOAD);
        if (memory < LEAST_MEMORY || memory > MOST_MEMORY) {
            throw new IllegalArgumentException(
                    "histories may take " + LEAST_MEMORY + " to " + MOST_MEMORY + " bytes of memory, not " + memory);
        }
    }

    public HistorySettings withBounds(HistoryBounds newBounds) {
        return new HistorySettings(newBounds, keep, within, memory);
    }

    public HistorySettings withKeep(Duration newKeep) {
        return new HistorySettings(bounds, newKeep, within, memory);
    }

    public HistorySettings withWithin(Duration newWithin) {
        return new HistorySettings(bounds, keep, newWithin, memory);
    }

    public HistorySettings withMemory(long bytes) {
        return new HistorySettings(bounds, keep, within, bytes);
    }

    private static void requireWithin(String what, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(what + " " + least + " to " + most + ", not " + value);
        }
    }
}
