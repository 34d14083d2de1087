package dev.sluice.cache;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts how often keys have changed, so that a value can tell whether anything happened since it was asked for. Whoever asks takes a
 * stamp first, and keeps it with what it gets; a value whose stamp is no longer the present one does not count. So it does not matter
 * in which order answers and news arrive. Thread-safe.
 *
 * <p>Keys share counters. That one is forgotten because another changed costs a look at Redis.
 */
final class Epochs {
    /** With 10,000 copies kept, a change takes another one along every sixth time. 256 KiB. */
    private static final int COUNTERS = 1 << 16;

    private static final long LOW_HALF = 0xffff_ffffL;

    private final AtomicIntegerArray counters = new AtomicIntegerArray(COUNTERS);
    private final AtomicLong ofAll = new AtomicLong();

    long stamp(int hash) {
        return ofAll.get() << Integer.SIZE | counters.get(at(hash)) & LOW_HALF;
    }

    /** The key changed. */
    void moveOn(int hash) {
        counters.incrementAndGet(at(hash));
    }

    /** Any key may have. */
    void moveAllOn() {
        ofAll.incrementAndGet();
    }

    private static int at(int hash) {
        int spread = hash * 0x9e3779b9;
        return (spread ^ spread >>> 16) & COUNTERS - 1;
    }
}
