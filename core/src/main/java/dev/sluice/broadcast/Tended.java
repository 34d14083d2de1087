package dev.sluice.broadcast;

import java.util.Map;
import java.util.Optional;

/**
 * How a broadcast stands after a step of tending.
 *
 * @param status as it is now
 * @param ended what recipients came to in this step
 * @param pausedItself whether it did so in this step, since Telegram refused its messages one after the other
 * @param more whether there is more to take back, so that it should be tended again at once
 * @param room how many messages the window has room for
 * @param unfed who is next, if it runs and there is room
 */
public record Tended(
        BroadcastStatus status,
        Map<RecipientOutcome, Integer> ended,
        boolean pausedItself,
        boolean more,
        int room,
        Optional<Unfed> unfed) {
    public Tended {
        ended = Map.copyOf(ended);
    }
}
