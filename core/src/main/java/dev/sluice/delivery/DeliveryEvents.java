package dev.sluice.delivery;

import dev.sluice.idempotency.Claim;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Decision;
import dev.sluice.queue.MessageId;
import java.time.Duration;

/**
 * What an observer may learn of deliveries. Called on the calling thread: return fast, never throw. All methods do
 * nothing by default.
 */
public interface DeliveryEvents {
    DeliveryEvents NONE = new DeliveryEvents() {};

    /** Limits were asked. */
    default void decided(OutboundCall call, Acquisition acquisition, Decision decision, Duration took) {}

    /** A claim was asked for: {@link Claim.New} is a miss, everything else a hit. */
    default void claimed(OutboundCall call, Claim claim) {}

    /** Its key is that of a message of the queue. */
    default void queuedTwin(OutboundCall call, MessageId message) {}

    /** A call that could not go at once stopped waiting: its turn had come, or it gave up. */
    default void waited(OutboundCall call, Duration waited, boolean turnCame) {}

    /** One try at the upstream ended. */
    default void attempted(OutboundCall call, Attempt attempt, Duration took) {}

    /** Telegram said 429. */
    default void flooded(OutboundCall call, Duration retryAfter) {}

    /** An attempt was settled; {@code held} is false if its claim had passed to someone else. */
    default void settled(OutboundCall call, Duration took, boolean held) {}

    /** An attempt could not be settled in time: its claim runs out by its lease. */
    default void settleFailed(OutboundCall call) {}

    /** It is over. */
    default void ended(OutboundCall call, Outcome outcome) {}
}
