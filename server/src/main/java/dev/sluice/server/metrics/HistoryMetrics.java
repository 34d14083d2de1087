package dev.sluice.server.metrics;

import dev.sluice.history.Histories;
import dev.sluice.history.HistoryEvents;

/** What is read and appended of what was said last, over all bots and chats. Thread-safe. */
public final class HistoryMetrics implements HistoryEvents {
    private final Metrics metrics;

    public HistoryMetrics(Metrics metrics) {
        this.metrics = metrics;
    }

    /** @param histories whose standing is shown */
    public void show(Histories histories) {
        metrics.gauge(
                "sluice.history.waiting",
                "Chats of which something waits in this process' memory for Redis to come back.",
                histories::owedChats);
    }

    @Override
    public void read(boolean found) {
        metrics.counter(
                        "sluice.history.reads",
                        "Reads, by whether the history was there.",
                        "answer",
                        found ? "hit" : "miss")
                .increment();
    }

    @Override
    public void appended(int added, int duplicates) {
        entries("added", added);
        entries("duplicate", duplicates);
    }

    @Override
    public void loaded(boolean answered) {
        metrics.counter(
                        "sluice.history.loads",
                        "Loads from where the truth is, by whether that answered.",
                        "answer",
                        answered ? "loaded" : "failed")
                .increment();
    }

    @Override
    public void unavailable() {
        metrics.counter("sluice.history.unavailable", "Reads and appends that went on without Redis.")
                .increment();
    }

    @Override
    public void dropped(int entries) {
        entries("dropped", entries);
    }

    private void entries(String what, int count) {
        metrics.counter("sluice.history.entries", "Entries that were brought, by what became of them.", "answer", what)
                .increment(count);
    }
}
