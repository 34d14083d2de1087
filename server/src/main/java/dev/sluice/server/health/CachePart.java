package dev.sluice.server.health;

import dev.sluice.cache.Caches;
import dev.sluice.cache.Caches.Hearing;
import dev.sluice.server.health.PartHealth.Status;
import java.util.Locale;

/** The caches as a part: whether changes on other replicas are heard. Thread-safe. */
public final class CachePart implements Part {
    private final Caches caches;

    public CachePart(Caches caches) {
        this.caches = caches;
    }

    @Override
    public PartHealth health() {
        Hearing hearing = caches.hearing();
        boolean deaf = hearing == Hearing.NOTHING;
        PartHealth health = PartHealth.of(
                        "cache", deaf ? Status.DEGRADED : Status.OK, hearing == Hearing.NOT_NEEDED ? "memory" : "redis")
                .survivingRestart(false)
                .with("hears", hearing.name().toLowerCase(Locale.ROOT))
                .with("owed_invalidations", caches.owedNews());
        return deaf
                ? health.with("problem", "changes of other replicas are not heard, so copies are not relied on")
                : health;
    }
}
