package dev.sluice.bundle;

import java.time.Duration;

/**
 * Keeps this process from taking bundles right after the store was away: leases may have run out meanwhile that nobody could renew. Those
 * who still handle their bundles renew them within this time, or say that they are handled; whoever took them at once would handle each a
 * second time. Thread-safe.
 */
final class OutageGrace {
    /** A renewal comes each third of a lease, or each half a second once one has failed; and a connection has to be made first. */
    static final Duration LENGTH = Duration.ofSeconds(2);

    /** Leases of those who handle bundles in this language, which are renewed; longer ones outlast more. */
    private static final Duration USUAL_LEASE = HandlerSettings.DEFAULT.lease();

    private boolean away;
    private long awayNanos;
    private boolean waiting;
    private long untilNanos;

    /** @param askedNanos when the store was asked that did not answer */
    synchronized void failed(long askedNanos) {
        if (!away) {
            away = true;
            awayNanos = askedNanos;
        }
    }

    /** Whether the store did not answer last, so that nothing is to be taken before it has answered something else. */
    synchronized boolean isAway() {
        return away;
    }

    /**
     * The store answers again.
     *
     * @param unseen for how long it may have been away before anybody noticed
     */
    synchronized void answered(Duration lease, Duration unseen) {
        if (!away) {
            return;
        }
        away = false;
        long now = System.nanoTime();
        Duration shorter = lease.compareTo(USUAL_LEASE) < 0 ? lease : USUAL_LEASE;
        if (now - awayNanos + unseen.toNanos() >= shorter.toNanos() / 2) {
            waiting = true;
            untilNanos = now + LENGTH.toNanos();
        }
    }

    /** For how long nothing is to be taken yet; zero if it may be. */
    synchronized Duration left() {
        long left = waiting ? untilNanos - System.nanoTime() : 0;
        waiting = left > 0;
        return Duration.ofNanos(Math.max(0, left));
    }
}
