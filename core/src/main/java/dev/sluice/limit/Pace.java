package dev.sluice.limit;

/**
 * The pace of a bucket in memory: the same state and the same arithmetic as {@code buckets.lua} and {@code learning.lua}, which
 * explain them. Times are microseconds, rates units of weight a second.
 *
 * @param since when there came to be one
 * @param lowered when it was lowered last
 * @param heard until when 429s belong to the same event
 * @param began the rate at that time
 * @param told the rate at which Telegram said 429
 * @param forgotten when it has reached the limit
 * @param tat the theoretical arrival time
 */
record Pace(long since, long lowered, long heard, double began, double told, long forgotten, long tat) {
    private static final double SECOND = 1_000_000;
    private static final long LONGEST_EVENT = 5_000_000;
    private static final int FEWEST_MEASURED = 5;

    /** What a limit lets pass in how long. */
    static long window(Limit limit) {
        long span = Microseconds.span(limit);
        return limit instanceof Limit.Gcra ? span * limit.capacity() : span;
    }

    private static long unit(Limit limit) {
        return Math.clamp(window(limit), 100_000, 60_000_000);
    }

    /** What a limit itself allows. */
    static double rate(Limit limit) {
        return limit.capacity() * SECOND / window(limit);
    }

    double rate(Limit limit, long now) {
        double plateau = 0.95 * told;
        double passed = (double) Math.max(0, now - lowered) / unit(limit);
        if (passed < 40) {
            double left = (40 - passed) / 40;
            return plateau - (plateau - began) * left * left * left;
        }
        double beyond = (passed - 40) / 60;
        return plateau * (1 + beyond * beyond * beyond);
    }

    /** Between two units of weight. */
    long interval(Limit limit, long now) {
        return (long) Math.ceil(SECOND / rate(limit, now));
    }

    private static long early(Limit limit) {
        return window(limit) / 20;
    }

    /** The earliest time that it allows after {@code ahead} others took theirs, {@code now} if it does. */
    long earliest(Limit limit, int ahead, long now) {
        long spaced = Math.max(tat, now) - early(limit) + ahead * interval(limit, now);
        return Math.max(now, Math.min(spaced, forgotten));
    }

    /** How many of weight 1 it allows now. */
    int remaining(Limit limit, long now) {
        long room = Math.floorDiv(now + early(limit) - Math.max(tat, now), interval(limit, now));
        return Math.clamp(room + 1, 0, Integer.MAX_VALUE);
    }

    Pace charged(Limit limit, int weight, long now) {
        long debt = Math.min(Math.max(tat, now), now + window(limit));
        return withTat(Math.max(tat, debt + weight * interval(limit, now)));
    }

    Pace postponed(Limit limit, int weight, long to, long now) {
        return withTat(Math.max(tat, to + weight * interval(limit, now)));
    }

    private Pace withTat(long newTat) {
        return new Pace(since, lowered, heard, began, told, forgotten, newTat);
    }

    /** The same for whoever is only told of a 429. */
    boolean knows(long admitted) {
        return admitted <= heard;
    }

    /**
     * Lowered, since a message was told 429.
     *
     * @param count how many were admitted in the window that ends with it
     * @param others how many of these were told 429, too
     */
    Pace lowered(Limit limit, int count, int others, long park, long now) {
        double rate = Math.min(rate(limit), rate(limit, now));
        boolean measured = limit instanceof Limit.StrictWindow
                && limit.capacity() >= FEWEST_MEASURED
                && count * SECOND < 0.9 * rate * window(limit);
        double at = measured ? Math.max(0, count - 1 - others) * SECOND / window(limit) : rate;
        double step = measured || Math.abs(rate - told) < 0.15 * told ? 0.9 : 0.7;
        return lowered(limit, rate, at, step, since, tat, park, now);
    }

    /** The same where there was none. */
    static Pace first(Limit limit, long park, long now) {
        return lowered(limit, rate(limit), rate(limit), 0.7, now, Long.MIN_VALUE, park, now);
    }

    private static Pace lowered(
            Limit limit, double rate, double at, double step, long since, long tat, long park, long now) {
        double most = rate(limit);
        double began = Math.max(Math.max(step * at, 0.4 * rate), most / 20);
        double told = Math.max(at, began / 0.9);
        double rises = Math.pow(Math.max(0, most / (0.95 * told) - 1), 1.0 / 3);
        long forgotten = (long) Math.ceil(now + unit(limit) * (40 + 60 * rises));
        return new Pace(since, now, now + Math.min(park, LONGEST_EVENT), began, told, forgotten, tat);
    }

    LearnedPace shown(Limit limit, long now) {
        return new LearnedPace(
                Math.floor(1000 * rate(limit, now)) / 1000,
                Math.floor(1000 * told) / 1000,
                Microseconds.duration(now - since),
                Microseconds.duration(forgotten - now));
    }
}
