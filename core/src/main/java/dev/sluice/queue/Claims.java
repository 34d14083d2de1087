package dev.sluice.queue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a claim got.
 *
 * @param messages in the order in which they are to leave, each of another chat
 * @param wakeUp after how long a claim may get more without anything being enqueued, settled or resumed meanwhile; zero if it
 *     may right now, empty if never
 */
public record Claims(List<Leased> messages, Optional<Duration> wakeUp) {
    public Claims {
        messages = List.copyOf(messages);
    }
}
