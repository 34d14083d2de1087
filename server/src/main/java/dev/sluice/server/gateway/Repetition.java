package dev.sluice.server.gateway;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How often, and after which waits, a call that may be repeated is: exponential backoff with full jitter.
 *
 * @param most repetitions after the first try, 0 or more
 * @param baseDelay the first wait's upper bound; doubles
 * @param maxDelay no wait's upper bound is above it
 * @param within no repetition starts later than this after the first try, since a caller waits
 */
public record Repetition(int most, Duration baseDelay, Duration maxDelay, Duration within) {
    public static final Repetition DEFAULT =
            new Repetition(5, Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(20));

    /** Beyond it {@code baseDelay} would overflow, and {@code maxDelay} holds anyway. */
    private static final int MOST_DOUBLINGS = 20;

    public Repetition {
        if (most < 0 || !baseDelay.isPositive() || maxDelay.compareTo(baseDelay) < 0 || within.isNegative()) {
            throw new IllegalArgumentException("repetitions need 0 < base delay <= max delay, and no negative numbers");
        }
    }

    /**
     * The wait before the next try, or empty if there is none.
     *
     * @param repeated how often it was repeated already
     * @param elapsed since the first try
     */
    Optional<Duration> delay(int repeated, Duration elapsed, RandomGenerator random) {
        if (repeated >= most) {
            return Optional.empty();
        }
        long bound = Math.min(maxDelay.toMillis(), baseDelay.toMillis() << Math.min(repeated, MOST_DOUBLINGS));
        Duration delay = Duration.ofMillis(random.nextLong(bound + 1));
        return elapsed.plus(delay).compareTo(within) <= 0 ? Optional.of(delay) : Optional.empty();
    }
}
