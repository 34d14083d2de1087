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

    /** Of those who handle bundles in this language, wherever they are; longer ones outlast more. */
    static final Duration USUAL_LEASE = HandlerSettings.DEFAULT.lease();

    /** Whether another grace may follow: not before something was taken, or nobody would ever take anything while only renewals fail. */
    private boolean open = true;

    private boolean away;
    private long awayNanos;
    private boolean waiting;
    private long untilNanos;

    /** Somebody who handles bundles was not answered what it asked then. */
    synchronized void failed(long askedNanos) {
        if (!away) {
            away = true;
            awayNanos = askedNanos;
        }
    }

    /** As the other, for somebody who was to take some. */
    synchronized void notTaken(long askedNanos) {
        failed(askedNanos);
        open = true;
    }

    /** The store was asked for bundles and answered. */
    synchronized void taken() {
        open = true;
    }

    /** Whether the store did not answer last, so that nothing is to be taken before it has answered something else. */
    synchronized boolean isAway() {
        return away;
    }

    /**
     * The store answers again. A lease can have run out if it was away for two thirds of it, of which a look each second or a renewal each
     * third saw less.
     */
    synchronized void answered(Duration lease) {
        if (!away) {
            return;
        }
        away = false;
        long now = System.nanoTime();
        Duration shorter = lease.compareTo(USUAL_LEASE) < 0 ? lease : USUAL_LEASE;
        if (open && now - awayNanos >= shorter.toNanos() / 4) {
            open = false;
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
