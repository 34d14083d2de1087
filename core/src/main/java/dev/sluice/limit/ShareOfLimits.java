package dev.sluice.limit;

import java.time.Duration;
import java.util.ArrayList;

/** What one of {@code k} replicas may let through when it cannot ask the others. */
final class ShareOfLimits {
    private ShareOfLimits() {}

    /**
     * A k-th of a limit, floored, so that all shares together never exceed it. Where a window holds fewer than k, one per
     * k/N windows: right on average, though the shares of several replicas may fall together.
     */
    static Limit of(Limit limit, int k) {
        if (k == 1) {
            return limit;
        }
        int share = limit.capacity() / k;
        return switch (limit) {
            case Limit.StrictWindow(int capacity, Duration window) ->
                share > 0
                        ? new Limit.StrictWindow(share, window)
                        : new Limit.StrictWindow(1, shorter(stretched(window, k, capacity)));
            case Limit.Gcra(int capacity, Duration interval) ->
                new Limit.Gcra(Math.max(1, share), shorter(interval.multipliedBy(k)));
        };
    }

    /** The same question against the shares. */
    static Acquisition of(Acquisition acquisition, int k) {
        if (k == 1) {
            return acquisition;
        }
        var charges = new ArrayList<Charge>(acquisition.charges().size());
        for (Charge charge : acquisition.charges()) {
            Limit limit = of(charge.limit(), k);
            charges.add(new Charge(charge.bucket(), limit, Math.min(charge.weight(), heaviest(limit))));
        }
        return new Acquisition(charges, acquisition.enforcement(), acquisition.waiter(), acquisition.cameAgo());
    }

    /** W * k / N, rounded up. */
    private static Duration stretched(Duration window, int k, int capacity) {
        return window.multipliedBy(k).plusNanos(capacity - 1).dividedBy(capacity);
    }

    private static Duration shorter(Duration span) {
        return span.compareTo(Limit.LONGEST_SPAN) < 0 ? span : Limit.LONGEST_SPAN;
    }

    private static int heaviest(Limit limit) {
        long spans = Limit.LONGEST.dividedBy(Microseconds.duration(Microseconds.span(limit)));
        return (int)
                Math.min(Charge.MAX_WEIGHT, limit instanceof Limit.StrictWindow ? spans * limit.capacity() : spans);
    }
}
