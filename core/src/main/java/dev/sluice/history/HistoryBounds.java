package dev.sluice.history;

import java.time.Duration;

/**
 * How much of a chat is kept; the oldest goes first.
 *
 * @param entries 1 to 500
 * @param age since it was said, 1 s to 31 days
 * @param tokens together, 1 to 10,000,000; the newest entry stays even if it has more by itself
 */
public record HistoryBounds(int entries, Duration age, int tokens) {
    public static final int MOST_ENTRIES = 500;
    public static final int MOST_TOKENS = 10_000_000;
    public static final Duration SHORTEST_AGE = Duration.ofSeconds(1);
    public static final Duration LONGEST_AGE = Duration.ofDays(31);

    /** A talk of a day, of which a model is told no more than it costs little to read. */
    public static final HistoryBounds DEFAULT = new HistoryBounds(50, Duration.ofDays(1), 8_000);

    public HistoryBounds {
        requireWithin("the entries of a history", entries, MOST_ENTRIES);
        requireWithin("the tokens of a history", tokens, MOST_TOKENS);
        if (age.compareTo(SHORTEST_AGE) < 0 || age.compareTo(LONGEST_AGE) > 0) {
            throw new IllegalArgumentException("the age of a history's entries must be 1 s to 31 days, not " + age);
        }
    }

    private static void requireWithin(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(what + " must be 1 to " + most + ", not " + value);
        }
    }
}
