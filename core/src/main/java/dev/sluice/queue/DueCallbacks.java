package dev.sluice.queue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a claim of callbacks got.
 *
 * @param callbacks those that are to be told now
 * @param wakeUp after how long there may be more; empty if none is owed
 * @param owed how many the bot owes, these included
 * @param lapsed how many could not be told for {@link Callbacks#LIFE} and were given up
 */
public record DueCallbacks(List<OwedCallback> callbacks, Optional<Duration> wakeUp, long owed, long lapsed) {
    public DueCallbacks {
        callbacks = List.copyOf(callbacks);
    }
}
