package dev.sluice.server.assembly;

import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.DeliveryEvents;
import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Outcome;
import dev.sluice.idempotency.Claim;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Decision;
import dev.sluice.queue.MessageId;
import java.time.Duration;
import java.util.List;

/** Tells several listeners of each event, in order. */
record DeliveryListeners(List<DeliveryEvents> listeners) implements DeliveryEvents {
    DeliveryListeners {
        listeners = List.copyOf(listeners);
    }

    @Override
    public void decided(OutboundCall call, Acquisition acquisition, Decision decision, Duration took) {
        listeners.forEach(listener -> listener.decided(call, acquisition, decision, took));
    }

    @Override
    public void claimed(OutboundCall call, Claim claim) {
        listeners.forEach(listener -> listener.claimed(call, claim));
    }

    @Override
    public void queuedTwin(OutboundCall call, MessageId message) {
        listeners.forEach(listener -> listener.queuedTwin(call, message));
    }

    @Override
    public void waited(OutboundCall call, Duration waited, boolean turnCame) {
        listeners.forEach(listener -> listener.waited(call, waited, turnCame));
    }

    @Override
    public void attempted(OutboundCall call, Attempt attempt, Duration took) {
        listeners.forEach(listener -> listener.attempted(call, attempt, took));
    }

    @Override
    public void flooded(OutboundCall call, Duration retryAfter) {
        listeners.forEach(listener -> listener.flooded(call, retryAfter));
    }

    @Override
    public void settled(OutboundCall call, Duration took, boolean held) {
        listeners.forEach(listener -> listener.settled(call, took, held));
    }

    @Override
    public void settleFailed(OutboundCall call) {
        listeners.forEach(listener -> listener.settleFailed(call));
    }

    @Override
    public void ended(OutboundCall call, Outcome outcome) {
        listeners.forEach(listener -> listener.ended(call, outcome));
    }
}
