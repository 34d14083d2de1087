package dev.sluice.server.health;

import dev.sluice.bundle.BundlePlace;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.server.health.PartHealth.Status;
import dev.sluice.server.settings.BundlingSettings;
import java.util.Locale;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/** Bundles as a part: where they are, and what would end with this process. Thread-safe. */
public final class BundlePart implements Part {
    private final boolean shared;
    private final Part store;
    private final BundlingSettings settings;
    private final IntSupplier messagesHere;
    private final LongSupplier setAside;

    /**
     * @param shared whether there is a store that processes share
     * @param store that one, or this process' memory
     * @param messagesHere how many messages are in this process' memory
     * @param setAside how many bundles are; throws {@link RedisUnavailableException} if nobody can say
     */
    public BundlePart(
            boolean shared, Part store, BundlingSettings settings, IntSupplier messagesHere, LongSupplier setAside) {
        this.shared = shared;
        this.store = store;
        this.settings = settings;
        this.messagesHere = messagesHere;
        this.setAside = setAside;
    }

    @Override
    public PartHealth health() {
        boolean there = shared && settings.place() == BundlePlace.SHARED;
        PartHealth kept = store.health();
        boolean degraded = there && kept.status() != Status.OK;
        PartHealth health = PartHealth.of("bundles", degraded ? Status.DEGRADED : Status.OK, there ? "redis" : "memory")
                .with("bundling", settings.place() != BundlePlace.OFF)
                .with("messages_in_memory", messagesHere.getAsInt())
                .with("set_aside", setAside());
        if (there) {
            health = health.with("without_store", settings.withoutStore().name().toLowerCase(Locale.ROOT));
        }
        if (degraded) {
            health = health.with("problem", "the store is not as it should be");
        }
        return health.survivingRestart(there && kept.survivesRestart().orElse(false));
    }

    private Object setAside() {
        try {
            return setAside.getAsLong();
        } catch (RedisUnavailableException e) {
            return "not known";
        }
    }
}
