package dev.sluice.server.health;

import dev.sluice.history.HistoryMode;
import dev.sluice.server.health.PartHealth.Status;
import java.util.function.IntSupplier;

/** Recent history as a part: where it is, and what waits in this process. Thread-safe. */
public final class HistoryPart implements Part {
    private final boolean shared;
    private final HistoryMode mode;
    private final Part store;
    private final IntSupplier waiting;

    /**
     * @param shared whether there is a store that processes share
     * @param store that one, or this process' memory
     * @param waiting of how many chats something waits for it here
     */
    public HistoryPart(boolean shared, HistoryMode mode, Part store, IntSupplier waiting) {
        this.shared = shared;
        this.mode = mode;
        this.store = store;
        this.waiting = waiting;
    }

    @Override
    public PartHealth health() {
        if (mode == HistoryMode.OFF) {
            return Part.off("history", "SLUICE_HISTORY is off").health();
        }
        boolean there = shared && mode == HistoryMode.REDIS;
        PartHealth kept = store.health();
        boolean degraded = there && kept.status() != Status.OK;
        PartHealth health = PartHealth.of("history", degraded ? Status.DEGRADED : Status.OK, there ? "redis" : "memory")
                .with("chats_waiting", waiting.getAsInt());
        if (there) {
            health = health.with("without_store", "local");
        }
        if (degraded) {
            health = health.with("problem", "the store is not as it should be");
        }
        return health.survivingRestart(there && kept.survivesRestart().orElse(false));
    }
}
