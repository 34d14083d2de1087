package dev.sluice.server.metrics;

import dev.sluice.broadcast.BroadcastStatus;
import dev.sluice.broadcast.RecipientOutcome;
import dev.sluice.server.broadcast.FeederEvents;
import java.util.Locale;
import java.util.Map;

/** Broadcasts of all bots together. Thread-safe. */
public final class BroadcastMetrics implements FeederEvents {
    private final Metrics metrics;
    private volatile Map<BroadcastStatus, Integer> unfinished = Map.of();

    public BroadcastMetrics(Metrics metrics) {
        this.metrics = metrics;
        for (BroadcastStatus status : BroadcastStatus.values()) {
            if (status != BroadcastStatus.DONE) {
                metrics.gauge(
                        "sluice.broadcasts",
                        "Broadcasts with messages in the queue or still to come, by status.",
                        () -> unfinished.getOrDefault(status, 0),
                        "status",
                        word(status));
            }
        }
    }

    @Override
    public void queued(int messages) {
        metrics.counter("sluice.broadcast.queued", "Messages of broadcasts queued by this process.")
                .increment(messages);
    }

    @Override
    public void ended(RecipientOutcome outcome, int recipients) {
        metrics.counter(
                        "sluice.broadcast.recipients",
                        "Recipients that came to an outcome, as this process wrote down.",
                        "outcome",
                        word(outcome))
                .increment(recipients);
    }

    @Override
    public void unfinished(Map<BroadcastStatus, Integer> broadcasts) {
        unfinished = Map.copyOf(broadcasts);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
