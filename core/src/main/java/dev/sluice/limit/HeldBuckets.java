package dev.sluice.limit;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** The buckets that one process holds: each until it is idle, and no more than a bound. What is idle is swept by later calls, a few at a time. Not thread-safe. */
final class HeldBuckets {
    /** More than one decision can create, so that sweeping outpaces creation. */
    private static final int SWEPT_AT_ONCE = Acquisition.MAX_CHARGES + 1;

    private final int most;
    private final Map<Bucket, Entry> entries = new HashMap<>();
    private final PriorityQueue<Entry> sweep = new PriorityQueue<>(Comparator.comparingLong(entry -> entry.sweepAt));

    static final class Entry {
        final BucketState state = new BucketState();
        private final Bucket bucket;

        /** When to look whether it is idle; it may have become busy for longer since. */
        private long sweepAt;

        private boolean queued;

        private Entry(Bucket bucket) {
            this.bucket = bucket;
        }
    }

    /** @param most how many are held; beyond that, which is idle again soonest is forgotten */
    HeldBuckets(int most) {
        this.most = most;
    }

    @Nullable Entry find(Bucket bucket) {
        return entries.get(bucket);
    }

    /** Empty if it is new; to be kept once it is not. */
    Entry get(Bucket bucket) {
        return entries.computeIfAbsent(bucket, Entry::new);
    }

    /** Keeps what has changed until it is idle. */
    void keep(Entry entry) {
        if (!entry.queued) {
            entry.queued = true;
            entry.sweepAt = entry.state.idleFrom();
            sweep.add(entry);
        }
        while (entries.size() > most && !sweep.isEmpty()) {
            forgetSoonest();
        }
    }

    void sweepIdle(long now) {
        for (int i = 0; i < SWEPT_AT_ONCE; i++) {
            Entry oldest = sweep.peek();
            if (oldest == null || oldest.sweepAt > now) {
                return;
            }
            sweep.remove();
            oldest.sweepAt = oldest.state.idleFrom();
            if (oldest.sweepAt > now) {
                sweep.add(oldest);
            } else {
                entries.remove(oldest.bucket);
            }
        }
    }

    int size() {
        return entries.size();
    }

    /** Or puts it where it belongs, if it has become busy for longer since: so it is found within as many steps as there are buckets. */
    private void forgetSoonest() {
        Entry soonest = sweep.remove();
        soonest.sweepAt = soonest.state.idleFrom();
        if (sweep.isEmpty() || soonest.sweepAt <= sweep.peek().sweepAt) {
            entries.remove(soonest.bucket);
        } else {
            sweep.add(soonest);
        }
    }
}
