package dev.sluice.delivery;

import java.util.ArrayList;
import java.util.List;

/** Whoever waits for the answer, and may leave. Thread-safe. */
public final class Caller {
    private final List<Runnable> watchers = new ArrayList<>(1);
    private boolean gone;

    /** The caller closed its connection: what is not dispatched is withdrawn. Later calls change nothing. */
    public void leave() {
        List<Runnable> toTell;
        synchronized (this) {
            if (gone) {
                return;
            }
            gone = true;
            toTell = List.copyOf(watchers);
            watchers.clear();
        }
        toTell.forEach(Runnable::run);
    }

    public synchronized boolean hasLeft() {
        return gone;
    }

    /** Runs {@code watcher} when the caller leaves, at once if it has left. */
    public void onLeave(Runnable watcher) {
        synchronized (this) {
            if (!gone) {
                watchers.add(watcher);
                return;
            }
        }
        watcher.run();
    }
}
