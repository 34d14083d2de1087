package dev.sluice.queue;

import java.time.Duration;

/**
 * When what failed is tried again: after {@code base}, twice that, four times that and so on, each longer or shorter by up to
 * {@code jitter} of it, so that messages that failed together do not return together.
 *
 * @param maxRetries attempts after the first, 0 to 100
 * @param base the first delay, 1 ms to {@code max}
 * @param max the longest delay, up to a day
 * @param jitter 0 to 0.5
 */
public record RetryPolicy(int maxRetries, Duration base, Duration max, double jitter) {
    /** The source documents' three retries after 1, 2 and 4 seconds. */
    public static final RetryPolicy DEFAULT = new RetryPolicy(3, Duration.ofSeconds(1), Duration.ofSeconds(60), 0.1);

    public RetryPolicy {
        if (maxRetries < 0 || maxRetries > 100) {
            throw new IllegalArgumentException("max retries must be 0 to 100, not " + maxRetries);
        }
        if (base.compareTo(Duration.ofMillis(1)) < 0
                || base.compareTo(max) > 0
                || max.compareTo(Ending.LONGEST_PAUSE) > 0) {
            throw new IllegalArgumentException("delays must grow from 1 ms or more to " + Ending.LONGEST_PAUSE
                    + " at most, not from " + base + " to " + max);
        }
        if (!(jitter >= 0 && jitter <= 0.5)) {
            throw new IllegalArgumentException("jitter must be 0 to 0.5, not " + jitter);
        }
    }

    /**
     * The delay after a failed attempt.
     *
     * @param attempt which one failed, from 1
     * @param random 0 to 1: where in the range of the jitter
     */
    public Duration delay(int attempt, double random) {
        double micros = Math.min(micros(max), micros(base) * Math.pow(2, attempt - 1.0));
        return Duration.ofNanos((long) Math.floor(micros * factor(random)) * 1_000);
    }

    /** What a delay is multiplied by. */
    double factor(double random) {
        return 1 + jitter * (2 * random - 1);
    }

    static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }
}
