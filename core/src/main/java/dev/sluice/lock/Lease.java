package dev.sluice.lock;

import java.time.Duration;

/**
 * A lock that was taken: whoever has it holds it for {@code length} and renews it for as long as need be.
 *
 * @param owner what renews and releases it
 * @param fence greater than that of every earlier lease of the lock
 * @param length of the lease
 * @param askedNanos when the request was made that took it, by {@link System#nanoTime}: the lease cannot have begun earlier
 */
public record Lease(LockName name, LockOwner owner, long fence, Duration length, long askedNanos) {
    /** Shorter ones would end while a busy machine or a slow network renews them. */
    public static final Duration SHORTEST = Duration.ofSeconds(1);

    public static final Duration LONGEST = Duration.ofMinutes(10);

    /** Whoever dies keeps others waiting for as long; longer than most pauses of a process or of Redis. */
    public static final Duration USUAL = Duration.ofSeconds(30);

    /** @throws IllegalArgumentException if it is not 1 s to 10 min of whole milliseconds */
    static void requireLength(Duration length) {
        if (length.compareTo(SHORTEST) < 0
                || length.compareTo(LONGEST) > 0
                || !length.equals(Duration.ofMillis(length.toMillis()))) {
            throw new IllegalArgumentException(
                    "a lease must be 1 s to 10 min long, in whole milliseconds, not " + length);
        }
    }
}
