package dev.sluice.delivery;

import dev.sluice.delivery.Admission.Verdict;
import dev.sluice.encryption.Sealer;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.limit.Waiter;
import dev.sluice.limit.WaitingRoom;
import dev.sluice.queue.MessageId;
import dev.sluice.telegram.BotId;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The pipeline's parts; what happens to one call is {@link CallInFlight}. */
final class Pipeline implements Deliveries.Closeable {
    final Admission admission;
    final DeliverySettings settings;
    final CallLimits limits;
    final DeliveryEvents events;
    final RandomGenerator random;
    final WaitingRoom room;
    final Heartbeats heartbeats;
    final Settler settler;
    final Results results;

    Pipeline(
            Admission admission,
            DeliverySettings settings,
            DeliveryEvents events,
            Waiter process,
            RandomGenerator random,
            Sealer sealer) {
        this(admission, settings, events, process, random, sealer, new WaitingRoom(settings.mostWaiting()));
    }

    /** @param room closed with the pipeline */
    Pipeline(
            Admission admission,
            DeliverySettings settings,
            DeliveryEvents events,
            Waiter process,
            RandomGenerator random,
            Sealer sealer,
            WaitingRoom room) {
        this.admission = admission;
        this.settings = settings;
        this.limits = new CallLimits(settings, process);
        this.events = events;
        this.random = random;
        this.room = room;
        this.results = new Results(sealer, settings.kept());
        this.settler = new Settler(admission, events, random);
        this.heartbeats = new Heartbeats(admission::heartbeat, settings.lease());
    }

    @Override
    public Delivered deliver(OutboundCall call, Caller caller, Sender sender) throws InterruptedException {
        return deliver(call, new CallInFlight(this, call, caller, sender, false));
    }

    /** The same for a call whose key is claimed elsewhere: it claims nothing here, and nobody is its twin. */
    Delivered deliverClaimed(OutboundCall call, Caller caller, Sender sender) throws InterruptedException {
        return deliver(call, new CallInFlight(this, call, caller, sender, true));
    }

    private Delivered deliver(OutboundCall call, CallInFlight inFlight) throws InterruptedException {
        Outcome outcome = inFlight.run();
        events.ended(call, outcome);
        return new Delivered(outcome, inFlight.receipt);
    }

    /** Tells of whoever has a call's key. */
    void told(OutboundCall call, Verdict twin) {
        switch (twin) {
            case Verdict.Taken(Claim taken) -> events.claimed(call, taken);
            case Verdict.Queued(MessageId message, boolean pending) -> events.queuedTwin(call, message);
            case Verdict.Passed p -> {}
            case Verdict.Denied d -> {}
        }
    }

    /** What a twin's claim means for a call; empty if the twin is still at it. */
    Optional<Outcome> answerOf(IdempotencyKey key, Claim twin) {
        return switch (twin) {
            case Claim.Completed(var result) -> Optional.of(replay(key, result));
            case Claim.Failed(var result) -> Optional.of(replay(key, result));
            case Claim.Unknown() -> Optional.of(unknown("an identical call was not answered"));
            case Claim.Mismatch() -> Optional.of(new Outcome.Mismatch());
            case Claim.Processing p -> Optional.empty();
            case Claim.New n -> throw new IllegalStateException("a new claim is not a twin's");
        };
    }

    private Outcome replay(IdempotencyKey key, StoredResult result) {
        return results.reply(key, result)
                .<Outcome>map(Outcome.Duplicate::new)
                .orElseGet(() -> unknown("an identical call was answered, but the key that sealed its answer is gone"));
    }

    /** Telegram may have it; the attempt gets a name. */
    Outcome unknown(String reason) {
        byte[] id = new byte[8];
        random.nextBytes(id);
        return new Outcome.Unknown(reason, HexFormat.of().formatHex(id));
    }

    @Override
    public void limitsChanged(BotId bot) {
        room.reopen(bot.toString(), bucket -> true);
    }

    @Override
    public void close() {
        room.close();
        settler.close();
        admission.close();
        heartbeats.close();
    }
}
