package dev.sluice.server.metrics;

import dev.sluice.lock.LockEvents;
import java.time.Duration;
import java.util.function.Supplier;

/** What becomes of locks in this process, over all names, which anybody may choose. Thread-safe. */
public final class LockMetrics implements LockEvents {
    private final Metrics metrics;

    public LockMetrics(Metrics metrics) {
        this.metrics = metrics;
        metrics.counter("sluice.locks.lost", "Locks that their holders lost before they released them.");
    }

    /** @param waiting how many wait now */
    public void show(Supplier<Number> waiting) {
        metrics.gauge("sluice.locks.waiting", "Those who wait for a lock now.", waiting);
    }

    @Override
    public void taken(Duration waited) {
        attempt("acquired");
        metrics.timer("sluice.locks.wait", "Time from asking for a lock to having it.")
                .record(waited);
    }

    @Override
    public void busy(Duration waited) {
        attempt("busy");
    }

    @Override
    public void unavailable() {
        attempt("unavailable");
    }

    @Override
    public void lost() {
        metrics.counter("sluice.locks.lost", "Locks that their holders lost before they released them.")
                .increment();
    }

    private void attempt(String answer) {
        metrics.counter(
                        "sluice.locks.attempts",
                        "Those who asked for a lock, by what they were answered at the end of their wait.",
                        "answer",
                        answer)
                .increment();
    }
}
