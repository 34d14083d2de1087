package dev.sluice.delivery;

import dev.sluice.delivery.Admission.Verdict;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Flood;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.limit.Waiter;
import dev.sluice.limit.WaitingRoom;
import dev.sluice.queue.LanePlace;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a call asks of its bot's limits, as they are at that moment, and what a 429 says about them. Thread-safe. */
final class CallLimits {
    private final DeliverySettings settings;
    private final Waiter process;

    CallLimits(DeliverySettings settings, Waiter process) {
        this.settings = settings;
        this.process = process;
    }

    /** @param elapsed since the call came */
    Acquisition asked(OutboundCall call, Duration elapsed) {
        TelegramLimits limits = of(call);
        TelegramLimits binding = call.vip() ? limits.ofVips() : limits;
        var acquisition = Acquisition.of(binding.charges(call.bot(), call.chat(), call.cost(), call.send()));
        if (call.skipLimits()) {
            return acquisition.overdrawing();
        }
        // By when it came, so that calls of all replicas keep one order.
        acquisition = acquisition.cameAgo(elapsed.minus(WaitingRoom.givesWay(call.priority())));
        if (limits.shadow()) {
            return acquisition.shadowed();
        }
        Duration left = call.maxWait().minus(elapsed);
        return left.isPositive() ? acquisition.waitingAs(process.staying(left)) : acquisition;
    }

    /** Where it stands among its chat's queued messages; nowhere if it waits for nothing. */
    static Optional<LanePlace> place(OutboundCall call, Duration elapsed) {
        return call.skipLimits()
                ? Optional.empty()
                : call.chat().map(chat -> LanePlace.of(call.bot(), chat, call.priority(), elapsed));
    }

    /**
     * @param passed as what it was let pass
     * @param charged what was asked then
     */
    Flood flood(OutboundCall call, Duration retryAfter, Verdict.Passed passed, Acquisition charged) {
        TelegramLimits limits = of(call);
        // In shadow mode more passes than is charged, so nobody knows at which rate Telegram said it.
        boolean learns = settings.learning().isOn()
                && !limits.shadow()
                && passed.limits().shadowDenied().isEmpty();
        return new Flood(
                call.bot(),
                call.chat(),
                retryAfter,
                limits.floodedBucket(call.bot(), call.send()),
                learns ? charged.charges() : List.of(),
                passed.limits().at());
    }

    private TelegramLimits of(OutboundCall call) {
        return settings.limits().apply(call.bot());
    }
}
