package dev.sluice.server.health;

import dev.sluice.redis.RedisInfo;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.server.health.PartHealth.Status;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** Redis as a part: asked anew each time. Thread-safe. */
public final class RedisPart implements Part {
    private final RedisStore store;
    private final IntSupplier replicas;
    private final IntSupplier openBreakers;
    private final Supplier<Optional<String>> away;

    /**
     * @param replicas how many processes share it
     * @param openBreakers how many of its parts are not asked at present
     * @param away why calls go on without it, if they do: it may answer, and take no writes
     */
    public RedisPart(
            RedisStore store, IntSupplier replicas, IntSupplier openBreakers, Supplier<Optional<String>> away) {
        this.store = store;
        this.replicas = replicas;
        this.openBreakers = openBreakers;
        this.away = away;
    }

    @Override
    public PartHealth health() {
        boolean breakerOpen = openBreakers.getAsInt() > 0;
        try {
            var ping = store.ping();
            RedisInfo info = store.info();
            Optional<String> problem = away.get();
            PartHealth health = of(breakerOpen || problem.isPresent() ? Status.DEGRADED : Status.OK, breakerOpen);
            return problem.map(reason -> health.with("problem", "calls go on without it: " + reason))
                    .orElse(health)
                    .version(info.version())
                    .ping(ping)
                    .survivingRestart(info.durability().survivesRestart())
                    .with("mode", info.mode())
                    .with("appendfsync", info.appendOnly() ? info.appendFsync() : "off")
                    .with("may_lose", info.durability().mayLose())
                    .with("evicts", info.evicts());
        } catch (RedisUnavailableException e) {
            return of(Status.DEGRADED, breakerOpen)
                    .with("problem", store.problem().orElse("does not answer"));
        }
    }

    private PartHealth of(Status status, boolean breakerOpen) {
        return PartHealth.of("store", status, "redis")
                .with("address", store.address())
                .with("breaker", breakerOpen ? "open" : "closed")
                .with("replicas", replicas.getAsInt());
    }
}
