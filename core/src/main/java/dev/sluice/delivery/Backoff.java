package dev.sluice.delivery;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with full jitter: a random time up to {@code base * 2^attempt}, so that clients that failed
 * together do not return together (M. Brooker, "Exponential Backoff And Jitter", 2015).
 *
 * @param base the longest first delay, more than zero
 * @param max the longest delay, at least {@code base}
 */
public record Backoff(Duration base, Duration max) {
    /** The source documents' TELEGRAM_BASE_DELAY and TELEGRAM_MAX_DELAY. */
    public static final Backoff DEFAULT = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60));

    public Backoff {
        if (!base.isPositive() || base.compareTo(max) > 0) {
            throw new IllegalArgumentException(
                    "backoff must grow from more than zero, not from " + base + " to " + max);
        }
    }

    /**
     * @param attempt how many tries have failed, from 1
     */
    public Duration delay(int attempt, RandomGenerator random) {
        double longest = Math.min(max.toNanos(), base.toNanos() * Math.pow(2, attempt - 1));
        return Duration.ofNanos((long) (random.nextDouble() * longest));
    }
}
