package dev.sluice.bundle;

import java.time.Duration;

/**
 * What belongs together, and how it is kept.
 *
 * @param quietLeast of each message a time from here to {@code quietMost} is drawn; if nothing more comes within it, the bundle is due
 * @param longest after which time from its first message on a bundle is due, whatever comes
 * @param mostMessages with so many it is due at once, 1 to 100
 * @param mostBytes with as many, of texts in UTF-8, it is due at once; one that would make it larger begins the next
 * @param kept for how long a bundle is kept that nobody takes, from when its conversation was last touched
 * @param remembered for how long the ids of messages are known once all is handled
 * @param mostFailures after how many a bundle is given up
 * @param mostLost after how many leases that ran out, since whoever had it died with it, a bundle is set aside; 0 for never
 */
public record BundleSettings(
        Duration quietLeast,
        Duration quietMost,
        Duration longest,
        int mostMessages,
        int mostBytes,
        Duration kept,
        Duration remembered,
        int mostFailures,
        int mostLost) {
    /** A bundle that lasts longer is a chat's history. */
    public static final Duration LONGEST = Duration.ofMinutes(10);

    /** Those of the bots that this comes from: long enough for a next line, short enough not to be felt. */
    public static final BundleSettings DEFAULT = new BundleSettings(
            Duration.ofMillis(900),
            Duration.ofMillis(1_100),
            Duration.ofSeconds(5),
            50,
            65_536,
            Duration.ofDays(1), // as long as Telegram keeps an update that nobody takes
            Duration.ofSeconds(25),
            5,
            5); // a rollout or two may take the same bundle's handlers with them

    public static final int MOST_MESSAGES = 100;
    public static final int MOST_BYTES = 1 << 20;
    public static final int MOST_LOST = 1_000;

    /** Of one person, unhandled; beyond that messages are refused. */
    static final int ROOM = 500;

    static final int ROOM_BYTES = 2 << 20;

    /** More than {@link #ROOM}, so that none is forgotten that waits. */
    static final int IDS = 1_000;

    public BundleSettings {
        if (quietLeast.isNegative() || quietLeast.compareTo(quietMost) > 0 || quietMost.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("a quiet window must be from one to another of 0 to " + LONGEST
                    + ", not from " + quietLeast + " to " + quietMost);
        }
        requireWithin("the longest time of a bundle", longest, Duration.ZERO, LONGEST);
        requireWithin("the messages of a bundle", mostMessages, MOST_MESSAGES);
        requireWithin("the bytes of a bundle", mostBytes, MOST_BYTES);
        requireWithin("the time that bundles are kept", kept, Duration.ofMinutes(1), Duration.ofDays(31));
        requireWithin("the time that ids are remembered", remembered, Duration.ofMillis(1), Duration.ofDays(31));
        requireWithin("the failures of a bundle", mostFailures, 1_000);
        if (mostLost < 0 || mostLost > MOST_LOST) {
            throw new IllegalArgumentException(
                    "the lost leases of a bundle must be 0 to " + MOST_LOST + ", not " + mostLost);
        }
    }

    /** The same with another quiet window, which may be drawn from a span. */
    public BundleSettings withQuiet(Duration least, Duration most) {
        return new BundleSettings(
                least, most, longest, mostMessages, mostBytes, kept, remembered, mostFailures, mostLost);
    }

    public BundleSettings withLongest(Duration newLongest) {
        return new BundleSettings(
                quietLeast, quietMost, newLongest, mostMessages, mostBytes, kept, remembered, mostFailures, mostLost);
    }

    public BundleSettings withMost(int messages, int bytes) {
        return new BundleSettings(
                quietLeast, quietMost, longest, messages, bytes, kept, remembered, mostFailures, mostLost);
    }

    public BundleSettings withRemembered(Duration newRemembered) {
        return new BundleSettings(
                quietLeast, quietMost, longest, mostMessages, mostBytes, kept, newRemembered, mostFailures, mostLost);
    }

    public BundleSettings withMostFailures(int failures) {
        return new BundleSettings(
                quietLeast, quietMost, longest, mostMessages, mostBytes, kept, remembered, failures, mostLost);
    }

    /** 0 for never, up to {@link #MOST_LOST}. */
    public BundleSettings withMostLost(int leases) {
        return new BundleSettings(
                quietLeast, quietMost, longest, mostMessages, mostBytes, kept, remembered, mostFailures, leases);
    }

    private static void requireWithin(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(what + " must be 1 to " + most + ", not " + value);
        }
    }

    private static void requireWithin(String what, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(what + " must be " + least + " to " + most + ", not " + value);
        }
    }
}
