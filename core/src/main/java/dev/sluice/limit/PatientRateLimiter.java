package dev.sluice.limit;

import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.Optional;

/**
 * A rate limiter whose callers may wait. Thread-safe. Callers of one lane pass in the order in which they came; between
 * lanes and between processes nobody starves. Interrupting the thread cancels the wait; nothing was charged then.
 */
public final class PatientRateLimiter {
    private final RateLimiter limiter;
    private final WaitingRoom room;
    private final Waiter process;

    /** @param process this process' id, the same for everything that shares the room */
    public PatientRateLimiter(RateLimiter limiter, WaitingRoom room, Waiter process) {
        this.limiter = limiter;
        this.room = room;
        this.process = process;
    }

    /**
     * Passes now or within {@code maxWait}.
     *
     * @param lane what keeps its order within the acquisition's tag: a chat, or one name for all
     * @param maxWait zero or more
     * @return the last decision; when denied, {@code retryAfter} counts those ahead in this process
     * @throws InterruptedException if the thread is interrupted while waiting
     */
    public Decision acquire(String lane, Acquisition acquisition, Priority priority, Duration maxWait)
            throws InterruptedException {
        Optional<Ticket> place = room.enter(lane, acquisition.charges(), priority);
        if (place.isEmpty()) {
            // Asking now would pass those who wait.
            return new Decision.Denied(
                    acquisition.charges().getFirst().bucket(), Decision.Cause.TURN, Duration.ofSeconds(1), 0);
        }
        Acquisition question = maxWait.isZero() ? acquisition : acquisition.waitingAs(process);
        try (Ticket ticket = place.get()) {
            Turn<Decision> turn = ticket.await(maxWait, () -> switch (limiter.tryAcquire(question)) {
                case Decision.Allowed allowed -> new Ruling.Decided<>(allowed);
                case Decision.Denied denied -> new Ruling.NotYet<>(denied);
            });
            return switch (turn) {
                case Turn.Came<Decision>(Decision decision) -> decision;
                case Turn.TimedOut<Decision>(Bucket bucket, Duration retryAfter) ->
                    new Decision.Denied(bucket, Decision.Cause.TURN, retryAfter, 0);
                case Turn.Cancelled<Decision>() -> throw new InterruptedException("the wait was cancelled");
            };
        }
    }
}
