package dev.sluice.server.assembly;

import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.Caller;
import dev.sluice.delivery.Delivery;
import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Outcome;
import dev.sluice.delivery.Sender;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Delivers until it is stopped: then calls that wait are withdrawn as if their callers had left, and answered with a time to
 * come again; calls that were dispatched go on to their end. Thread-safe.
 */
final class StoppableDelivery implements Delivery {
    /** By then another replica, or the next start of this one, takes calls. */
    private static final Duration COME_AGAIN = Duration.ofSeconds(1);

    private final Delivery delivery;
    private final Set<Passage> waiting = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    StoppableDelivery(Delivery delivery) {
        this.delivery = delivery;
    }

    @Override
    public Delivered deliver(OutboundCall call, Caller caller, Sender sender) throws InterruptedException {
        var passage = new Passage();
        waiting.add(passage);
        if (stopped) {
            passage.withdraw();
        }
        caller.onLeave(passage.caller::leave);
        try {
            var delivered = delivery.deliver(call, passage.caller, movedTo -> send(passage, sender, movedTo));
            return passage.state.get() == State.WITHDRAWN && !caller.hasLeft() && isUnsent(delivered.outcome())
                    ? new Delivered(new Outcome.RateLimited("stopping", COME_AGAIN), delivered.receipt())
                    : delivered;
        } finally {
            waiting.remove(passage);
        }
    }

    private static boolean isUnsent(Outcome outcome) {
        return outcome instanceof Outcome.Withdrawn || outcome instanceof Outcome.NotReached;
    }

    /** Withdraws what waits now and whatever comes later. */
    void stop() {
        stopped = true;
        waiting.forEach(Passage::withdraw);
    }

    private Attempt send(Passage passage, Sender sender, Optional<ChatId> movedTo) throws InterruptedException {
        waiting.remove(passage);
        return passage.dispatch() ? sender.send(movedTo) : new Attempt.NotReached("stopping");
    }

    private enum State {
        WAITING,
        DISPATCHED,
        WITHDRAWN
    }

    /** One call's way: it is dispatched or withdrawn, never both. */
    private static final class Passage {
        final Caller caller = new Caller();
        final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

        boolean dispatch() {
            return state.compareAndSet(State.WAITING, State.DISPATCHED) || state.get() == State.DISPATCHED;
        }

        void withdraw() {
            if (state.compareAndSet(State.WAITING, State.WITHDRAWN)) {
                caller.leave();
            }
        }
    }
}
