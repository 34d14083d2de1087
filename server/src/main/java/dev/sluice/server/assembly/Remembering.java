package dev.sluice.server.assembly;

import dev.sluice.history.Histories;
import dev.sluice.server.admin.HistoryResource;
import dev.sluice.server.admin.Resource;
import dev.sluice.server.health.HistoryPart;
import dev.sluice.server.health.Part;
import dev.sluice.server.metrics.HistoryMetrics;
import dev.sluice.server.metrics.Metrics;
import dev.sluice.server.settings.RecentHistorySettings;
import dev.sluice.server.settings.ServerSettings;

/** What was said last: where bots bring it and ask for it, and how it is. */
record Remembering(Histories histories, Resource resource, Part part) implements AutoCloseable {
    static Remembering open(Backend store, ServerSettings settings, Metrics metrics) {
        RecentHistorySettings history = settings.history();
        var shown = new HistoryMetrics(metrics);
        Histories histories = store.histories()
                .get()
                .settings(history.rules())
                .mode(history.mode())
                .privacy(store.privacy().levels())
                .events(shown)
                .build();
        shown.show(histories);
        store.privacy().data().add(histories);
        return new Remembering(
                histories,
                new HistoryResource(histories),
                new HistoryPart(store.shared(), history.mode(), store.part(), histories::owedChats));
    }

    @Override
    public void close() {
        histories.close();
    }
}
