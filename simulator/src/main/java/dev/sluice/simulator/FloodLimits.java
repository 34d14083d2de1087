package dev.sluice.simulator;

import java.time.Duration;

/**
 * The numbers of Telegram's flood control, all settable so that tests can shorten them. Immutable.
 *
 * @param bot all metered calls of one bot, but paid broadcasts (30 in 1 s)
 * @param paidBroadcast calls with {@code allow_paid_broadcast=true} of one bot (1000 in 1 s)
 * @param chat each chat of a bot (1 in 1 s)
 * @param group in addition, each chat with a negative id or a {@code @username} (20 in 60 s)
 * @param tolerance how much shorter than written every window counts, since the network delays one call more than the next
 *     and a correctly paced sender must not be punished for it; less than each window,
 *     which {@link SimulatorSettings} checks
 * @param retryAfterUnit what one unit of {@code retry_after} lasts here: 1 s as in Telegram; tests may shorten it
 * @param retryAfterCap the longest {@code retry_after} that escalation reaches; a longer wait that a window itself demands is
 *     still told in full
 * @param escalationGrace calls this soon after a 429 were under way when it was answered: they are refused, too, but not
 *     held against the caller
 * @param longTextChars texts cost one more for each full step of so many characters; 0 switches it off
 */
public record FloodLimits(
        Limit bot,
        Limit paidBroadcast,
        Limit chat,
        Limit group,
        Duration tolerance,
        Duration retryAfterUnit,
        Duration retryAfterCap,
        Duration escalationGrace,
        int longTextChars) {

    /**
     * At most {@code count} in any {@code window}.
     *
     * @param count 1 or more; {@link Integer#MAX_VALUE} is no limit
     * @param window longer than zero
     */
    public record Limit(int count, Duration window) {
        public static final Limit NONE = new Limit(Integer.MAX_VALUE, Duration.ofSeconds(1));

        public Limit {
            if (count < 1) {
                throw new IllegalArgumentException("a limit's count is 1 or more, not " + count);
            }
            requirePositive("a limit's window", window);
        }

        boolean isNone() {
            return count == Integer.MAX_VALUE;
        }
    }

    public FloodLimits {
        requirePositive("retryAfterUnit", retryAfterUnit);
        if (tolerance.isNegative() || escalationGrace.isNegative() || longTextChars < 0) {
            throw new IllegalArgumentException("tolerance, escalationGrace and longTextChars are 0 or more");
        }
        if (retryAfterCap.compareTo(retryAfterUnit) < 0) {
            throw new IllegalArgumentException(
                    "retryAfterCap " + retryAfterCap + " is less than one unit, " + retryAfterUnit);
        }
    }

    /** Checks the windows against the tolerance: not in the constructor, so that they can be shortened one after the other. */
    void requireWindowsLongerThanTolerance() {
        for (Limit limit : new Limit[] {bot, paidBroadcast, chat, group}) {
            if (!limit.isNone() && tolerance.compareTo(limit.window()) >= 0) {
                throw new IllegalArgumentException(
                        "tolerance " + tolerance + " would leave nothing of a window of " + limit.window());
            }
        }
    }

    /** What Telegram documents, with a tolerance of 50 ms. */
    public static FloodLimits telegram() {
        return new FloodLimits(
                new Limit(30, Duration.ofSeconds(1)),
                new Limit(1000, Duration.ofSeconds(1)),
                new Limit(1, Duration.ofSeconds(1)),
                new Limit(20, Duration.ofSeconds(60)),
                Duration.ofMillis(50),
                Duration.ofSeconds(1),
                Duration.ofMinutes(5),
                Duration.ofMillis(200),
                0);
    }

    /** No limit at all, for benchmarks of something else. */
    public static FloodLimits off() {
        return telegram()
                .withBot(Limit.NONE)
                .withPaidBroadcast(Limit.NONE)
                .withChat(Limit.NONE)
                .withGroup(Limit.NONE);
    }

    /**
     * All windows and the tolerance {@code factor} times shorter; what a unit of {@code retry_after} lasts stays, since clients
     * will wait whole seconds anyway.
     */
    public FloodLimits windowsDividedBy(int factor) {
        if (factor < 1) {
            throw new IllegalArgumentException("factor is 1 or more, not " + factor);
        }
        return new FloodLimits(
                divided(bot, factor),
                divided(paidBroadcast, factor),
                divided(chat, factor),
                divided(group, factor),
                tolerance.dividedBy(factor),
                retryAfterUnit,
                retryAfterCap,
                escalationGrace,
                longTextChars);
    }

    public FloodLimits withBot(Limit limit) {
        return new FloodLimits(
                limit,
                paidBroadcast,
                chat,
                group,
                tolerance,
                retryAfterUnit,
                retryAfterCap,
                escalationGrace,
                longTextChars);
    }

    public FloodLimits withPaidBroadcast(Limit limit) {
        return new FloodLimits(
                bot, limit, chat, group, tolerance, retryAfterUnit, retryAfterCap, escalationGrace, longTextChars);
    }

    public FloodLimits withChat(Limit limit) {
        return new FloodLimits(
                bot,
                paidBroadcast,
                limit,
                group,
                tolerance,
                retryAfterUnit,
                retryAfterCap,
                escalationGrace,
                longTextChars);
    }

    public FloodLimits withGroup(Limit limit) {
        return new FloodLimits(
                bot,
                paidBroadcast,
                chat,
                limit,
                tolerance,
                retryAfterUnit,
                retryAfterCap,
                escalationGrace,
                longTextChars);
    }

    public FloodLimits withTolerance(Duration duration) {
        return new FloodLimits(
                bot,
                paidBroadcast,
                chat,
                group,
                duration,
                retryAfterUnit,
                retryAfterCap,
                escalationGrace,
                longTextChars);
    }

    /** See {@link #retryAfterUnit}, {@link #retryAfterCap}, {@link #escalationGrace}. */
    public FloodLimits withRetryAfter(Duration unit, Duration cap, Duration grace) {
        return new FloodLimits(bot, paidBroadcast, chat, group, tolerance, unit, cap, grace, longTextChars);
    }

    public FloodLimits withLongTextChars(int chars) {
        return new FloodLimits(
                bot, paidBroadcast, chat, group, tolerance, retryAfterUnit, retryAfterCap, escalationGrace, chars);
    }

    private static Limit divided(Limit limit, int factor) {
        return new Limit(limit.count(), limit.window().dividedBy(factor));
    }

    private static void requirePositive(String name, Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(name + " is longer than zero, not " + duration);
        }
    }
}
