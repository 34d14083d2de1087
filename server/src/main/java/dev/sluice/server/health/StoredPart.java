package dev.sluice.server.health;

import dev.sluice.server.health.PartHealth.Status;
import java.util.Optional;

/** A part that does nothing without its store, and survives a restart as its store does. Thread-safe. */
public final class StoredPart implements Part {
    private final String name;
    private final String backend;
    private final Part store;

    /** @param store where its data are */
    public StoredPart(String name, String backend, Part store) {
        this.name = name;
        this.backend = backend;
        this.store = store;
    }

    @Override
    public PartHealth health() {
        PartHealth kept = store.health();
        PartHealth health = PartHealth.of(name, kept.status(), backend).with("without_store", "closed");
        if (kept.status() != Status.OK) {
            health = health.with("problem", "the store is not as it should be");
        }
        Optional<Boolean> survives = kept.survivesRestart();
        return survives.isPresent() ? health.survivingRestart(survives.get()) : health;
    }
}
