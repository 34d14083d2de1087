package dev.sluice.server.admin;

import java.time.Duration;
import java.util.concurrent.Semaphore;

/** Those who wait for an answer, of whom there may be only so many: beyond that nobody waits, so that there is room for those who ask. Thread-safe. */
final class PatientCallers {
    private static final Duration SOON = Duration.ofSeconds(1);

    private final int most;
    private final Semaphore room;

    PatientCallers(int most) {
        this.most = most;
        this.room = new Semaphore(most);
    }

    /** Finds an answer. */
    interface Search<T> {
        /** @param wait for how long it may wait; zero for what can be said at once */
        T within(Duration wait) throws InterruptedException;
    }

    /**
     * Finds an answer, waiting for it if there is room.
     *
     * @throws Problem.Refusal if the thread is interrupted, which it is when the server stops
     */
    <T> T answer(Duration wait, Search<T> search) {
        boolean waits = wait.isPositive() && room.tryAcquire();
        try {
            return search.within(waits ? wait : Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.of(ProblemKind.BUSY, "the server is stopping")
                    .retryAfter(SOON)
                    .asRefusal();
        } finally {
            if (waits) {
                room.release();
            }
        }
    }

    /** How many wait now. */
    int waiting() {
        return most - room.availablePermits();
    }
}
