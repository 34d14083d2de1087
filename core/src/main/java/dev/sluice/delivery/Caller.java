package dev.sluice.delivery;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Whoever waits for the answer, and may leave. Thread-safe. */
public final class Caller {
    private final CompletableFuture<Void> gone = new CompletableFuture<>();

    /** The caller closed its connection: what is not dispatched is withdrawn. Later calls change nothing. */
    public void leave() {
        gone.complete(null);
    }

    public boolean hasLeft() {
        return gone.isDone();
    }

    /** Runs {@code watcher} when the caller leaves, at once if it has left. */
    public void onLeave(Runnable watcher) {
        var unused = gone.thenRun(watcher);
    }

    /** Completes when the caller leaves. */
    CompletableFuture<Void> gone() {
        return gone;
    }

    /** Pauses, or returns early when the caller leaves. */
    boolean leavesWithin(Duration pause) throws InterruptedException {
        try {
            gone.get(pause.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a caller leaves or stays, it does not fail", e);
        }
    }
}
