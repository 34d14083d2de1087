package dev.sluice.server.broadcast;

import dev.sluice.broadcast.BroadcastStatus;
import dev.sluice.broadcast.RecipientOutcome;
import java.util.Map;

/** What a feeder does, for metrics. Implementations never block. */
public interface FeederEvents {
    FeederEvents NONE = new FeederEvents() {};

    /** So many messages were queued. */
    default void queued(int messages) {}

    /** So many recipients came to this, as this process wrote down. */
    default void ended(RecipientOutcome outcome, int recipients) {}

    /** How many unfinished broadcasts there are, in which status. */
    default void unfinished(Map<BroadcastStatus, Integer> broadcasts) {}
}
