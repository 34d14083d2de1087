package dev.sluice.idempotency;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Waiting for the end of somebody else's claim. Thread-safe; blocks its (virtual) thread. */
public interface TwinWait {
    /**
     * Waits until the claim of {@code key} is no longer in progress: it was settled, its lease ran out, or it is not there
     * (any more). What came of it only a claim tells. A caller that gets {@code true} claims again, and may then meet yet
     * another twin.
     *
     * @param max the longest wait; zero or less only looks
     * @param unless ends the wait early when it completes; must not fail
     * @return false if it is still in progress after {@code max}, or was when the wait was given up
     * @throws InterruptedException if the waiting thread is interrupted
     */
    boolean awaitEnd(IdempotencyKey key, Duration max, CompletableFuture<?> unless) throws InterruptedException;

    /** The same for those who wait on whatever happens. */
    default boolean awaitEnd(IdempotencyKey key, Duration max) throws InterruptedException {
        return awaitEnd(key, max, new CompletableFuture<>());
    }
}
