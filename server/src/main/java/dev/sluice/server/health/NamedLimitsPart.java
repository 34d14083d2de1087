package dev.sluice.server.health;

import dev.sluice.server.health.PartHealth.Status;
import dev.sluice.server.settings.StoreFailureSettings.Policy;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Named limits as a part, and whether their definitions survive a restart of their store. Thread-safe. */
public final class NamedLimitsPart implements Part {
    private final String backend;
    private final Part store;
    private final Policy withoutStore;
    private final BooleanSupplier away;

    /**
     * @param store where definitions and buckets are
     * @param away whether they go on without it
     */
    public NamedLimitsPart(String backend, Part store, Policy withoutStore, BooleanSupplier away) {
        this.backend = backend;
        this.store = store;
        this.withoutStore = withoutStore;
        this.away = away;
    }

    @Override
    public PartHealth health() {
        PartHealth kept = store.health();
        boolean degraded = away.getAsBoolean();
        PartHealth health = PartHealth.of("named_limits", degraded ? Status.DEGRADED : Status.OK, backend)
                .with("without_store", withoutStore.name().toLowerCase(Locale.ROOT));
        if (degraded) {
            health = health.with("problem", "the store cannot be asked, or takes no writes");
        }
        Optional<Boolean> survives = kept.survivesRestart();
        return survives.isPresent() ? health.survivingRestart(survives.get()) : health;
    }
}
