package dev.sluice.server.assembly;

import dev.sluice.server.admin.BroadcastsResource;
import dev.sluice.server.admin.Resource;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.broadcast.Feeder;
import dev.sluice.server.broadcast.Uploads;
import dev.sluice.server.gateway.Submissions;
import dev.sluice.server.metrics.BroadcastMetrics;
import dev.sluice.server.metrics.Metrics;
import dev.sluice.server.worker.Workers;
import java.util.Optional;

/**
 * Broadcasts: where they are asked for and, where queued messages are sent, who feeds them.
 *
 * @param feeder hears of what is new
 */
record Broadcasting(Resource resource, Optional<Feeder> feeder) implements AutoCloseable {
    static Broadcasting start(
            Backend store, Submissions submissions, Bots bots, Optional<Workers> workers, Metrics metrics) {
        Optional<Feeder> feeder = workers.map(all -> Feeder.start(
                store.broadcasts(),
                submissions,
                store.sealer(),
                bot -> bots.token(bot).isPresent(),
                all::noticed,
                new BroadcastMetrics(metrics)));
        Runnable noticed = () -> feeder.ifPresent(Feeder::noticed);
        var uploads = new Uploads(store.broadcasts(), store.sealer(), bot -> noticed.run());
        return new Broadcasting(
                new BroadcastsResource(store.broadcasts(), uploads, bots, store.sealer(), store.shared(), noticed),
                feeder);
    }

    /** Feeds no more. */
    @Override
    public void close() {
        feeder.ifPresent(Feeder::close);
    }
}
