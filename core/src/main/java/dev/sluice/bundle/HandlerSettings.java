package dev.sluice.bundle;

import java.time.Duration;

/**
 * How a process handles bundles.
 *
 * @param atOnce how many, 1 to 10,000
 * @param lease for how long a bundle of a process that died waits until another has it; renewed each third of it for as long as one lives
 * @param drain for how long a handler may go on after the close; then it is interrupted, and its bundle put back
 */
public record HandlerSettings(int atOnce, Duration lease, Duration drain) {
    /** Answers are waited for far more than they are computed here. */
    public static final HandlerSettings DEFAULT =
            new HandlerSettings(64, Duration.ofSeconds(5), Duration.ofSeconds(20));

    public HandlerSettings {
        if (atOnce < 1 || atOnce > 10_000) {
            throw new IllegalArgumentException("1 to 10000 bundles are handled at once, not " + atOnce);
        }
        if (lease.compareTo(Bundles.SHORTEST_LEASE) < 0 || lease.compareTo(Bundles.LONGEST_LEASE) > 0) {
            throw new IllegalArgumentException("the lease of a bundle must be " + Bundles.SHORTEST_LEASE + " to "
                    + Bundles.LONGEST_LEASE + ", not " + lease);
        }
        if (drain.isNegative()) {
            throw new IllegalArgumentException("handlers go on after the close for zero or more, not " + drain);
        }
    }
}
