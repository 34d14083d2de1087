package dev.sluice.bundle;

import java.time.Instant;

/**
 * A bundle that is handed over no more unless somebody wants it to be: {@link AsideBundles#requeue}.
 *
 * @param at when it was set aside, by the store's clock
 * @param lost how many of its leases ran out
 * @param failures how often its handlers failed
 * @param messages how many it has; 0 if there was nothing to be kept
 */
public record AsideBundle(BundleId id, Instant at, Reason reason, int lost, int failures, int messages) {
    /** Why a bundle was set aside. */
    public enum Reason {
        /** Its leases ran out over and over: whoever handles it dies, or takes longer than its lease. */
        LOST,
        /** It was sealed by a key that nobody had, or another program wrote or cut what was kept. */
        UNREADABLE
    }
}
