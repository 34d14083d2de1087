package dev.sluice.event;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** Streams of one process. Each step holds one lock; streams that are over are swept by later steps, a few at a time. */
final class InMemoryEventDeduplicator implements EventDeduplicator {
    /** At some 72 bytes an id: 145 MB. */
    static final int MOST_HELD = 2_000_000;

    /** What a stream takes by itself, in ids, though all of its own were taken back. */
    private static final long STREAM_COSTS = 6;

    /** More than one step can begin, so that sweeping outpaces adding. */
    private static final int SWEPT_PER_STEP = 2;

    private final DedupeWindow window;
    private final LongSupplier microClock;
    private final int mostHeld;
    private final ReentrantLock lock = new ReentrantLock();

    /** Those asked for longest ago first. */
    private final Map<String, HeldStream> streams = new LinkedHashMap<>(16, 0.75f, true);

    private long held;

    /** @param mostHeld ids of all streams, at least two windows full */
    InMemoryEventDeduplicator(DedupeWindow window, LongSupplier microClock, int mostHeld) {
        if (window.most() > mostHeld / 2) {
            throw new IllegalArgumentException(
                    "a window in memory must hold at most " + mostHeld / 2 + " ids, not " + window.most());
        }
        this.window = window;
        this.microClock = microClock;
        this.mostHeld = mostHeld;
    }

    @Override
    public BitSet firstSeen(String stream, List<String> eventIds) {
        List<EventDigest> ids = EventDigest.of(stream, eventIds);
        var first = new BitSet(ids.size());
        if (ids.isEmpty()) {
            return first;
        }
        lock.lock();
        try {
            long now = microClock.getAsLong();
            HeldStream asked = streams.computeIfAbsent(stream, any -> new HeldStream(now));
            held -= asked.size();
            asked.moveOn(now, window.lengthMicros());
            // All are looked up before any is added, as in mark.lua: adding may drop the generation before.
            var added = new HashSet<EventDigest>();
            for (int i = 0; i < ids.size(); i++) {
                if (!asked.isKnown(ids.get(i)) && added.add(ids.get(i))) {
                    first.set(i);
                }
            }
            first.stream().forEach(i -> asked.add(ids.get(i), window.most(), now));
            held += asked.size();
            sweep(now, asked);
            return first;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int forget(String stream, List<String> eventIds) {
        List<EventDigest> ids = EventDigest.of(stream, eventIds);
        lock.lock();
        try {
            long now = microClock.getAsLong();
            HeldStream asked = streams.get(stream);
            if (asked == null) {
                return 0;
            }
            held -= asked.size();
            asked.moveOn(now, window.lengthMicros());
            int known = asked.forget(ids);
            held += asked.size();
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** How many ids are held: for tests. */
    long size() {
        lock.lock();
        try {
            return held;
        } finally {
            lock.unlock();
        }
    }

    /** How many streams are held: for tests. */
    int streams() {
        lock.lock();
        try {
            return streams.size();
        } finally {
            lock.unlock();
        }
    }

    private boolean isFull() {
        return held + STREAM_COSTS * streams.size() > mostHeld;
    }

    private void sweep(long now, HeldStream asked) {
        Iterator<HeldStream> oldest = streams.values().iterator();
        for (int i = 0; isFull() || i < SWEPT_PER_STEP; i++) {
            HeldStream stream = oldest.next();
            if (stream == asked || !isFull() && !stream.isOver(now, window.lengthMicros())) {
                return;
            }
            held -= stream.size();
            oldest.remove();
        }
    }
}
