package dev.sluice.delivery;

import dev.sluice.delivery.Admission.Verdict;
import dev.sluice.idempotency.ClaimRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How a call waits for the end of the message that has its key: it looks after 10 ms at first and every 100 ms later. Nobody
 * tells it, since whoever ends the message may be another process.
 */
final class QueuedTwinWait {
    private static final Duration FIRST = Duration.ofMillis(10);
    private static final Duration SLOWEST = Duration.ofMillis(100);

    private final Admission admission;
    private final ClaimRequest claim;
    private final Caller caller;
    private final Supplier<Duration> left;

    /** @param left of the call's wait, zero or more */
    QueuedTwinWait(Admission admission, ClaimRequest claim, Caller caller, Supplier<Duration> left) {
        this.admission = admission;
        this.claim = claim;
        this.caller = caller;
        this.left = left;
    }

    /** What has the key when the message has ended or the wait is over; empty if nobody has. */
    Optional<Verdict> end(Verdict.Queued first) throws InterruptedException {
        Optional<Verdict> twin = Optional.of(first);
        Duration pause = FIRST;
        while (twin.orElse(null) instanceof Verdict.Queued(var message, boolean pending)
                && pending
                && left.get().isPositive()) {
            if (caller.leavesWithin(pause.compareTo(left.get()) < 0 ? pause : left.get())) {
                return twin;
            }
            pause = pause.multipliedBy(2).compareTo(SLOWEST) < 0 ? pause.multipliedBy(2) : SLOWEST;
            twin = admission.look(claim);
        }
        return twin;
    }
}
