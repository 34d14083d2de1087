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
 * @param shadowDenied the scopes of limits in shadow mode that would have held a message, one for each
 */
public record Claims(List<Leased> messages, Optional<Duration> wakeUp, List<String> shadowDenied) {
    public Claims {
        messages = List.copyOf(messages);
        shadowDenied = List.copyOf(shadowDenied);
    }

    /** Under limits that are enforced. */
    public Claims(List<Leased> messages, Optional<Duration> wakeUp) {
        this(messages, wakeUp, List.of());
    }
}
