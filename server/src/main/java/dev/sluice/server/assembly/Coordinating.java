package dev.sluice.server.assembly;

import dev.sluice.job.Jobs;
import dev.sluice.lock.Leases;
import dev.sluice.lock.LockEvents;
import dev.sluice.redis.Announcements;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.server.admin.JobsResource;
import dev.sluice.server.admin.LocksResource;
import dev.sluice.server.health.StoredPart;
import dev.sluice.server.metrics.JobMetrics;
import dev.sluice.server.metrics.LockMetrics;
import dev.sluice.server.metrics.Metrics;
import dev.sluice.server.settings.ServerSettings;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * What processes agree by: locks, and the registry of jobs.
 *
 * @param leases makes the locks, which tell the listener what becomes of them
 * @param jobs makes the registry, which keeps a job for so long
 */
record Coordinating(Function<LockEvents, Leases> leases, Function<Duration, Jobs> jobs) {
    static Coordinating inMemory(LongSupplier microClock) {
        return new Coordinating(events -> Leases.inMemory(microClock, events), keep -> Jobs.inMemory(keep, microClock));
    }

    static Coordinating onRedis(ScriptRunner deciding, ScriptRunner settling, Announcements announcements) {
        return new Coordinating(
                events -> Leases.onRedis(deciding, settling, KeySpace.DEFAULT, announcements, events),
                keep -> Jobs.onRedis(settling, KeySpace.DEFAULT, keep));
    }

    static Features open(Backend store, ServerSettings settings, Metrics metrics, OpenedParts parts) {
        var shown = new LockMetrics(metrics);
        var leases = parts.opened(store.coordinating().leases.apply(shown), Leases::close);
        shown.show(leases::waiting);
        var jobs = store.coordinating().jobs.apply(settings.jobs().keep());
        String backend = store.shared() ? "redis" : "memory";
        return new Features(
                List.of(new LocksResource(leases, new SecureRandom()), new JobsResource(jobs, new JobMetrics(metrics))),
                List.of(new StoredPart("locks", backend, store.part()), new StoredPart("jobs", backend, store.part())));
    }
}
