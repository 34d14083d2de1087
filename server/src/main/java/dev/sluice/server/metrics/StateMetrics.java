package dev.sluice.server.metrics;

import dev.sluice.state.StateEvents;
import java.util.Locale;

/** What is looked at and written of conversations, or of sessions. Thread-safe. */
public final class StateMetrics implements StateEvents {
    private final Metrics metrics;
    private final String kind;

    /** @param kind {@code fsm} or {@code sessions} */
    public StateMetrics(Metrics metrics, String kind) {
        this.metrics = metrics;
        this.kind = kind;
    }

    @Override
    public void read(boolean found) {
        metrics.counter(
                        "sluice." + kind + ".reads",
                        "Looks, by whether there was anything.",
                        "answer",
                        found ? "hit" : "miss")
                .increment();
    }

    @Override
    public void written(Answer answer) {
        metrics.counter(
                        "sluice." + kind + ".writes",
                        "Writes, by what became of them.",
                        "answer",
                        answer.name().toLowerCase(Locale.ROOT))
                .increment();
    }

    @Override
    public void unavailable() {
        metrics.counter("sluice." + kind + ".unavailable", "Looks and writes that the store did not answer.")
                .increment();
    }
}
