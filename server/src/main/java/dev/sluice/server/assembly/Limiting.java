package dev.sluice.server.assembly;

import dev.sluice.limit.WaitingRoom;
import dev.sluice.namedlimit.PatientNamedLimits;
import dev.sluice.server.admin.BotLimitsResource;
import dev.sluice.server.admin.LearnedLimitsResource;
import dev.sluice.server.admin.NamedLimitsResource;
import dev.sluice.server.admin.Resource;
import dev.sluice.server.admin.SetLimitsResource;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.health.NamedLimitsPart;
import dev.sluice.server.health.Part;
import dev.sluice.server.metrics.Metrics;
import dev.sluice.server.metrics.NamedLimitMetrics;
import dev.sluice.server.settings.ServerSettings;
import java.util.List;

/** The named limits: where bots and operators ask for them and for Telegram's, how they are, and where those wait who wait. */
record Limiting(List<Resource> resources, Part part, LimitsRefresh refresh, WaitingRoom room) implements AutoCloseable {
    /** Half of those that the admin API answers at once, so that who waits leaves room for who does not. */
    private static final int MOST_WAITING = 1_000;

    static Limiting start(Backend store, ServerSettings settings, Bots bots, Metrics metrics) {
        var telegram = ComponentSettings.limits(settings);
        var shown = new NamedLimitMetrics(metrics);
        var limits = store.namedLimits().open(shown);
        var room = new WaitingRoom(MOST_WAITING);
        metrics.gauge("sluice.limit.waiting", "Callers that wait for a named limit.", room::size);
        var patient = new PatientNamedLimits(limits, room, store.process());
        return new Limiting(
                List.of(
                        new NamedLimitsResource(limits, patient, shown::answered),
                        new BotLimitsResource(store.limiter(), telegram, bots::limitsNow, store.queue()),
                        new SetLimitsResource(bots, telegram),
                        new LearnedLimitsResource(store.limiter(), store.queue(), store.delivery()::limitsChanged)),
                new NamedLimitsPart(
                        store.shared() ? "redis" : "memory",
                        store.part(),
                        settings.onStoreFailure().limits(),
                        shown::isAway),
                LimitsRefresh.start(patient),
                room);
    }

    @Override
    public void close() {
        refresh.close();
        room.close();
    }
}
