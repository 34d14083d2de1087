package dev.sluice.cache;

import java.util.concurrent.atomic.LongAdder;

/** Counts what {@link CacheStatistics} shows. Thread-safe. */
final class CacheCounters {
    final LongAdder localHits = new LongAdder();
    final LongAdder redisHits = new LongAdder();
    final LongAdder negatives = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder stale = new LongAdder();
    final LongAdder errors = new LongAdder();
    final LongAdder waited = new LongAdder();
    final LongAdder loads = new LongAdder();
    final LongAdder failedLoads = new LongAdder();
    final LongAdder refreshes = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder invalidations = new LongAdder();
    final LongAdder storeFailures = new LongAdder();

    /** Counts one who asked and was answered. */
    void answered(Answer.Source source, boolean there) {
        switch (source) {
            case LOCAL -> (there ? localHits : negatives).increment();
            case REDIS -> (there ? redisHits : negatives).increment();
            case LOADED -> misses.increment();
            case STALE -> stale.increment();
        }
    }

    CacheStatistics now(long localEntries) {
        return new CacheStatistics(
                localHits.sum(),
                redisHits.sum(),
                negatives.sum(),
                misses.sum(),
                stale.sum(),
                errors.sum(),
                waited.sum(),
                loads.sum(),
                failedLoads.sum(),
                refreshes.sum(),
                refused.sum(),
                invalidations.sum(),
                storeFailures.sum(),
                localEntries);
    }
}
