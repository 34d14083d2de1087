package dev.sluice.server.assembly;

import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.Caller;
import dev.sluice.delivery.Delivery;
import dev.sluice.delivery.Dispatch;
import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Outcome;
import dev.sluice.delivery.Sender;
import java.time.Duration;
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
    private final Set<Passage> passages = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    StoppableDelivery(Delivery delivery) {
        this.delivery = delivery;
    }

    @Override
    public Delivered deliver(OutboundCall call, Caller caller, Sender sender) throws InterruptedException {
        var passage = new Passage();
        passages.add(passage);
        if (stopped) {
            passage.withdraw();
        }
        caller.onLeave(passage.caller::leave);
        try {
            var delivered = delivery.deliver(call, passage.caller, dispatch -> send(passage, sender, dispatch));
            return passage.state.get() == State.WITHDRAWN && !caller.hasLeft() && isUnsent(delivered.outcome())
                    ? new Delivered(new Outcome.RateLimited("stopping", COME_AGAIN), delivered.receipt())
                    : delivered;
        } finally {
            passages.remove(passage);
        }
    }

    private static boolean isUnsent(Outcome outcome) {
        return outcome instanceof Outcome.Withdrawn || outcome instanceof Outcome.NotReached;
    }

    /** Withdraws what waits now and whatever comes later. */
    void stop() {
        stopped = true;
        passages.forEach(Passage::withdraw);
    }

    private Attempt send(Passage passage, Sender sender, Dispatch dispatch) throws InterruptedException {
        if (!passage.dispatch()) {
            return new Attempt.NotReached("stopping");
        }
        Attempt attempt = sender.send(dispatch);
        // It may have to wait again. If it need not, nobody looks at the withdrawal.
        passage.mayWaitAgain();
        if (stopped) {
            passage.withdraw();
        }
        return attempt;
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
            return state.compareAndSet(State.WAITING, State.DISPATCHED);
        }

        void mayWaitAgain() {
            state.set(State.WAITING);
        }

        void withdraw() {
            if (state.compareAndSet(State.WAITING, State.WITHDRAWN)) {
                caller.leave();
            }
        }
    }
}
