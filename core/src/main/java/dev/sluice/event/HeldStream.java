package dev.sluice.event;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** One stream in memory: the steps of {@code mark.lua}. Times are microseconds. Not thread-safe. */
final class HeldStream {
    private Set<EventDigest> current = new HashSet<>();
    private Set<EventDigest> before = new HashSet<>();
    private long started;
    private long beforeStarted;

    HeldStream(long now) {
        started = now;
        beforeStarted = now;
    }

    int size() {
        return current.size() + before.size();
    }

    boolean isOver(long now, long length) {
        return Math.min(started, now) + 2 * length <= now;
    }

    /** Drops what is past its end; after a clock that went back, nothing lasts longer than if it began now. */
    void moveOn(long now, long length) {
        started = Math.min(started, now);
        beforeStarted = Math.min(beforeStarted, now);
        if (now >= started + length) {
            rotate(now);
        }
        if (now >= beforeStarted + 2 * length) {
            before = new HashSet<>();
        }
    }

    boolean isKnown(EventDigest id) {
        return current.contains(id) || before.contains(id);
    }

    void add(EventDigest id, int most, long now) {
        if (current.size() >= most) {
            rotate(now);
        }
        current.add(id);
    }

    int forget(Collection<EventDigest> ids) {
        int known = 0;
        for (EventDigest id : ids) {
            // Never in both: what is known is not added.
            known += current.remove(id) || before.remove(id) ? 1 : 0;
        }
        return known;
    }

    private void rotate(long now) {
        before = current;
        beforeStarted = started;
        current = new HashSet<>();
        started = now;
    }
}
