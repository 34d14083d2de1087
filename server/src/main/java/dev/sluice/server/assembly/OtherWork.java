package dev.sluice.server.assembly;

import dev.sluice.delivery.ResultCodec;
import dev.sluice.event.DedupeWindow;
import dev.sluice.event.EventDeduplicator;
import dev.sluice.execution.KeptResults;
import dev.sluice.idempotency.IdempotencyGuard;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import dev.sluice.idempotency.RedisIdempotencyGuard;
import dev.sluice.idempotency.RedisTwinWait;
import dev.sluice.idempotency.RegionalIdempotencyGuard;
import dev.sluice.idempotency.RegionalIdempotencyGuard.Member;
import dev.sluice.idempotency.TwinWait;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.region.Homes;
import dev.sluice.server.admin.EventsResource;
import dev.sluice.server.admin.IdempotencyResource;
import dev.sluice.server.admin.PatientClaims;
import dev.sluice.server.admin.Resource;
import dev.sluice.server.metrics.Metrics;
import dev.sluice.server.metrics.WorkMetrics;
import dev.sluice.server.settings.ServerSettings;
import java.security.SecureRandom;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * What keeps other work than sending from being done twice, in the same store as all else.
 *
 * @param events makes what tells new events from repeats
 */
record OtherWork(IdempotencyGuard claims, TwinWait twins, Function<DedupeWindow, EventDeduplicator> events) {
    /** Of a process without Redis: less than what its sends may take. */
    private static final int MOST_CLAIMS = 200_000;

    private static final long MOST_BYTES = 128L << 20;

    static OtherWork inMemory(LongSupplier microClock) {
        var claims = new InMemoryIdempotencyGuard(microClock, MOST_CLAIMS, MOST_BYTES);
        return new OtherWork(claims, claims, window -> EventDeduplicator.inMemory(window, microClock));
    }

    static OtherWork onRedis(ScriptRunner redis) {
        var twins = new RedisTwinWait(redis, KeySpace.DEFAULT);
        return new OtherWork(
                new RedisIdempotencyGuard(redis, KeySpace.DEFAULT, twins),
                twins,
                window -> EventDeduplicator.onRedis(redis, KeySpace.DEFAULT, window));
    }

    /** Of several regions: each key and each stream in its home region. */
    static OtherWork acrossRegions(Homes<ScriptRunner> runners) {
        Homes<OtherWork> all = runners.map(OtherWork::onRedis);
        var claims = new RegionalIdempotencyGuard(all.map(work -> new Member(work.claims, work.twins)));
        return new OtherWork(
                claims, claims, window -> EventDeduplicator.acrossRegions(all.map(work -> work.events.apply(window))));
    }

    /** Where programs ask for it. */
    static List<Resource> resources(Backend store, ServerSettings settings, Metrics metrics, OpenedParts parts) {
        var shown = new WorkMetrics(metrics);
        OtherWork work = store.work();
        var claims = parts.opened(
                new PatientClaims(work.claims, work.twins, new SecureRandom(), shown::claimed), PatientClaims::close);
        var results = new KeptResults<>(ResultCodec.TEXT, store.sealer(), KeptResults.LARGEST);
        return List.of(
                new IdempotencyResource(
                        claims,
                        results,
                        settings.idempotency().ttl(),
                        store.privacy().levels()),
                new EventsResource(work.events.apply(settings.events().window()), shown::seen));
    }
}
