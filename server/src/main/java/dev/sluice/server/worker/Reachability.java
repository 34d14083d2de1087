package dev.sluice.server.worker;

import dev.sluice.queue.RetryPolicy;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Whether it is worth trying to reach Telegram: after a failure not for a while, and for longer after each further one. What
 * was not reached costs a message no attempt, so nothing else would keep workers from spinning. Thread-safe.
 */
final class Reachability {
    /** Beyond it the pause does not grow anyway. */
    private static final int MOST_FAILURES = 20;

    private final RetryPolicy policy;
    private final RandomGenerator random;
    private int failures;
    private long againNanos = System.nanoTime();

    Reachability(RetryPolicy policy, RandomGenerator random) {
        this.policy = policy;
        this.random = random;
    }

    synchronized void reached() {
        failures = 0;
    }

    /** Those that were under way together fail together, and count once. */
    synchronized void notReached() {
        if (left().isZero()) {
            failures = Math.min(MOST_FAILURES, failures + 1);
            againNanos = System.nanoTime()
                    + policy.delay(failures, random.nextDouble()).toNanos();
        }
    }

    /** How long nothing is to be tried. */
    synchronized Duration left() {
        return Duration.ofNanos(Math.max(0, againNanos - System.nanoTime()));
    }

    synchronized boolean isDoubtful() {
        return failures > 0;
    }
}
