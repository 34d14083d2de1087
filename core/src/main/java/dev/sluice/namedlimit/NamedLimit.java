package dev.sluice.namedlimit;

import dev.sluice.limit.Limit;
import dev.sluice.redis.KeyPart;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * A limit that is known by its name.
 *
 * @param name 1-32 of {@code a-z 0-9 _ -}; stands in keys and metrics
 * @param count how many pass, in units of weight: 1 to 10,000 within any window; 1 to {@link #MOST_SMOOTH} of a smooth one, on average
 * @param window whole milliseconds, 1 ms to {@link Limit#LONGEST_SPAN}
 * @param burst how many pass at once after a rest, 1 to 10,000, if it is smooth: it spaces evenly, and right after a rest up to that many
 *     more pass than {@code count}; empty for a strict window, of which no window ever lets more than {@code count} pass
 * @param shadow whether it denies nobody and only says whom it would have denied
 */
public record NamedLimit(String name, int count, Duration window, OptionalInt burst, boolean shadow) {
    /** The most of a smooth limit. */
    public static final int MOST_SMOOTH = 1_000_000;

    public NamedLimit {
        requireName(name);
        if (count < 1 || count > MOST_SMOOTH) {
            throw new IllegalArgumentException("a limit's count must be 1 to " + MOST_SMOOTH + ", not " + count);
        }
        if (!window.isPositive()
                || window.compareTo(Limit.LONGEST_SPAN) > 0
                || !window.equals(Duration.ofMillis(window.toMillis()))) {
            throw new IllegalArgumentException(
                    "a limit's window must be whole milliseconds up to " + Limit.LONGEST_SPAN + ", not " + window);
        }
        limit(count, window, burst);
    }

    /** At most {@code count} in any {@code window}. */
    public static NamedLimit atMost(String name, int count, Duration window) {
        return new NamedLimit(name, count, window, OptionalInt.empty(), false);
    }

    /** {@code count} in a {@code window} on average, evenly spaced; {@code burst} at once after a rest. */
    public static NamedLimit smooth(String name, int count, Duration window, int burst) {
        return new NamedLimit(name, count, window, OptionalInt.of(burst), false);
    }

    /** The same, enforced or not. */
    public NamedLimit withShadow(boolean newShadow) {
        return new NamedLimit(name, count, window, burst, newShadow);
    }

    /** What decides. */
    public Limit limit() {
        return limit(count, window, burst);
    }

    private static Limit limit(int count, Duration window, OptionalInt burst) {
        if (burst.isEmpty()) {
            return Limit.atMost(count, window);
        }
        // Rounded up: rounding must never let more through.
        long micros = Math.ceilDiv(window.toNanos() / 1_000, count);
        return Limit.smooth(burst.getAsInt(), Duration.ofNanos(micros * 1_000));
    }

    static void requireName(String name) {
        KeyPart.SCOPE.require("limit name", name);
    }
}
