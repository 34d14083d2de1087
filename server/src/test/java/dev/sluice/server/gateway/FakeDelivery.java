package dev.sluice.server.gateway;

import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.Caller;
import dev.sluice.delivery.Delivery;
import dev.sluice.delivery.Dispatch;
import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Outcome;
import dev.sluice.delivery.Reply;
import dev.sluice.delivery.Sender;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A pipeline without guards: sends at once, or does what a test says; remembers calls, attempts and receipts. */
final class FakeDelivery implements Delivery {
    @FunctionalInterface
    interface Script {
        Outcome deliver(OutboundCall call, Caller caller, Sender sender) throws InterruptedException;
    }

    enum Signed {
        ANSWERED,
        LOST
    }

    final List<OutboundCall> calls = new CopyOnWriteArrayList<>();
    final List<Attempt> attempts = new CopyOnWriteArrayList<>();
    final List<Signed> receipts = new CopyOnWriteArrayList<>();
    volatile Script script = this::sendOnce;

    @Override
    public Delivered deliver(OutboundCall call, Caller caller, Sender sender) throws InterruptedException {
        calls.add(call);
        Outcome outcome = script.deliver(call, caller, sender);
        return new Delivered(outcome, new Receipt() {
            @Override
            public void answered() {
                receipts.add(Signed.ANSWERED);
            }

            @Override
            public void lost() {
                receipts.add(Signed.LOST);
            }
        });
    }

    void always(Outcome outcome) {
        script = (call, caller, sender) -> outcome;
    }

    Outcome sendOnce(OutboundCall call, Caller caller, Sender sender) throws InterruptedException {
        return outcome(attempt(sender, Optional.empty()));
    }

    Attempt attempt(Sender sender, Optional<dev.sluice.telegram.ChatId> movedTo) throws InterruptedException {
        Attempt attempt = sender.send(new Dispatch(movedTo, () -> {}));
        attempts.add(attempt);
        return attempt;
    }

    static Outcome outcome(Attempt attempt) {
        return switch (attempt) {
            case Attempt.NotReached(String reason) -> new Outcome.NotReached(reason);
            case Attempt.Unanswered(String reason) -> new Outcome.Unknown(reason, "attempt-1");
            case Attempt.Answered(Reply reply) when reply.isSuccess() -> new Outcome.Sent(reply);
            case Attempt.Answered(Reply reply) when reply.status() >= 500 -> new Outcome.Unknown("status", "attempt-1");
            case Attempt.Answered(Reply reply) -> new Outcome.Refused(reply);
        };
    }
}
