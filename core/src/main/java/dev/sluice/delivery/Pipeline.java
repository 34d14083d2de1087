package dev.sluice.delivery;

import dev.sluice.encryption.Sealer;
import dev.sluice.limit.Waiter;
import dev.sluice.limit.WaitingRoom;
import java.util.random.RandomGenerator;

/** The pipeline's parts; what happens to one call is {@link CallInFlight}. */
final class Pipeline implements Deliveries.Closeable {
    final Admission admission;
    final DeliverySettings settings;
    final DeliveryEvents events;
    final Waiter process;
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
        this.admission = admission;
        this.settings = settings;
        this.events = events;
        this.process = process;
        this.random = random;
        this.room = new WaitingRoom(settings.mostWaiting());
        this.results = new Results(sealer);
        this.settler = new Settler(admission, events, random);
        this.heartbeats = new Heartbeats(admission, settings.lease());
    }

    @Override
    public Delivered deliver(OutboundCall call, Caller caller, Sender sender) throws InterruptedException {
        var inFlight = new CallInFlight(this, call, caller, sender);
        Outcome outcome = inFlight.run();
        events.ended(call, outcome);
        return new Delivered(outcome, inFlight);
    }

    @Override
    public void close() {
        room.close();
        settler.close();
        admission.close();
        heartbeats.close();
    }
}
