package dev.sluice.server.metrics;

import dev.sluice.cache.Cache;
import dev.sluice.cache.CacheStatistics;
import dev.sluice.cache.Caches;
import java.util.function.ToLongFunction;

/** What became of those who asked caches, by cache. */
public final class CacheMetrics {
    private final Metrics metrics;
    private final Cache<?> cache;

    private CacheMetrics(Metrics metrics, Cache<?> cache) {
        this.metrics = metrics;
        this.cache = cache;
    }

    /** Shows all caches that are open. */
    public static void show(Metrics metrics, Caches caches) {
        caches.all().forEach(cache -> new CacheMetrics(metrics, cache).show());
        metrics.gauge(
                "sluice.cache.deaf",
                "1 while changes on other replicas are not heard.",
                () -> caches.hearing() == Caches.Hearing.NOTHING ? 1 : 0);
        metrics.gauge(
                "sluice.cache.owed", "Invalidations that other replicas are still to be told of.", caches::owedNews);
    }

    private void show() {
        reads("hit_local", CacheStatistics::localHits);
        reads("hit_redis", CacheStatistics::redisHits);
        reads("negative", CacheStatistics::negatives);
        reads("miss", CacheStatistics::misses);
        reads("stale", CacheStatistics::stale);
        reads("error", CacheStatistics::errors);
        counted("sluice.cache.waited", "Reads that waited for what others loaded.", CacheStatistics::waited);
        counted("sluice.cache.loads", "Times that a value was loaded.", CacheStatistics::loads);
        counted("sluice.cache.loads.failed", "Of these, those that failed.", CacheStatistics::failedLoads);
        counted("sluice.cache.loads.early", "Of these, those before the value had ended.", CacheStatistics::refreshes);
        counted(
                "sluice.cache.loads.refused",
                "Of these, those whose value was not kept, since something newer might be there.",
                CacheStatistics::refused);
        counted("sluice.cache.invalidations", "Keys invalidated or written here.", CacheStatistics::invalidations);
        counted("sluice.cache.store.failures", "Times that Redis was not reached.", CacheStatistics::storeFailures);
        metrics.gauge(
                "sluice.cache.copies",
                "Values that this process keeps.",
                () -> cache.statistics().localEntries(),
                "cache",
                name());
    }

    private void reads(String outcome, ToLongFunction<CacheStatistics> number) {
        metrics.counted(
                "sluice.cache.reads",
                "Reads by cache and outcome.",
                () -> number.applyAsLong(cache.statistics()),
                "cache",
                name(),
                "outcome",
                outcome);
    }

    private void counted(String name, String help, ToLongFunction<CacheStatistics> number) {
        metrics.counted(name, help, () -> number.applyAsLong(cache.statistics()), "cache", name());
    }

    private String name() {
        return cache.settings().name();
    }
}
