package dev.sluice.server.health;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.server.health.PartHealth.Status;
import dev.sluice.server.worker.QueueTotals;
import dev.sluice.server.worker.Workers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** The queue as a part: its backlog, and whether this process' workers are at it. Thread-safe. */
public final class QueuePart implements Part {
    /** Workers look every second. */
    private static final Duration SILENT = Duration.ofSeconds(10);

    private final String backend;
    private final Part store;
    private final QueueTotals totals;
    private final Optional<Workers> workers;
    private final InstantSource clock;

    /**
     * @param store where its messages are
     * @param workers of this process
     */
    public QueuePart(String backend, Part store, QueueTotals totals, Optional<Workers> workers, InstantSource clock) {
        this.backend = backend;
        this.store = store;
        this.totals = totals;
        this.workers = workers;
        this.clock = clock;
    }

    @Override
    public PartHealth health() {
        boolean silent =
                workers.filter(all -> all.sinceRound().compareTo(SILENT) > 0).isPresent();
        boolean cutOff = workers.filter(all -> !all.isTelegramReached()).isPresent();
        PartHealth health = PartHealth.of("queue", silent || cutOff ? Status.DEGRADED : Status.OK, backend)
                .with("workers", workers.isPresent() ? "here" : "elsewhere");
        Optional<Boolean> survives = store.health().survivesRestart();
        if (survives.isPresent()) {
            health = health.survivingRestart(survives.get());
        }
        if (silent || cutOff) {
            health = health.with("problem", silent ? "the workers are stuck" : "Telegram is not reached");
        }
        if (workers.isPresent()) {
            health = health.with("sending", workers.get().inFlight())
                    .with("busy_bots", workers.get().bots())
                    .with("heartbeat_seconds", workers.get().sinceRound().toSeconds());
        }
        try {
            QueueTotals.Totals now = totals.now();
            return health.with("backlog", now.pending())
                    .with("oldest_seconds", now.oldestAge(clock.instant()).toSeconds())
                    .with("dead", now.dead())
                    .with("unknown", now.unknown());
        } catch (RedisUnavailableException e) {
            return health.with("backlog", "not known");
        }
    }
}
