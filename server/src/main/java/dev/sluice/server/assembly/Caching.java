package dev.sluice.server.assembly;

import dev.sluice.access.AccessStates;
import dev.sluice.access.AccessTruth;
import dev.sluice.cache.CacheSettings;
import dev.sluice.cache.Caches;
import dev.sluice.encryption.Sealer;
import dev.sluice.keys.KeySurvey;
import dev.sluice.redis.Breaker;
import dev.sluice.redis.GuardedRunner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisConfigurationException;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisStore;
import dev.sluice.server.admin.AccessResource;
import dev.sluice.server.admin.CacheResource;
import dev.sluice.server.admin.Resource;
import dev.sluice.server.health.CachePart;
import dev.sluice.server.health.Part;
import dev.sluice.server.metrics.CacheMetrics;
import dev.sluice.server.metrics.Metrics;
import dev.sluice.server.settings.ServerSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Caches: those that bots fill, and whether users have access.
 *
 * @param keys looks at the keys of their Redis, if it is one of their own
 * @param connection closed after the caches
 */
record Caching(List<Resource> resources, Part part, Caches caches, Optional<KeySurvey> keys, Runnable connection)
        implements AutoCloseable {

    /** So that a start on a healthy Redis is not reported as degraded for its first moment. */
    private static final Duration LONGEST_DEAF_START = Duration.ofSeconds(2);

    /** Those whose keys are users' ids. */
    private static final List<String> BY_USER = List.of(CacheSettings.USER.name(), CacheSettings.SUBSCRIPTIONS.name());

    /**
     * What a store offers.
     *
     * @param caches opens them in it
     * @param sealer for those that are elsewhere
     * @param access who has access, as programs have said
     */
    record Store(Supplier<Caches> caches, Sealer sealer, AccessTruth.Settable access) {
        static Store inMemory() {
            return new Store(Caches::inMemory, Sealer.NONE, AccessTruth.inMemory());
        }

        static Store onRedis(GuardedRunner guarded, RedisStore store, Sealer sealer) {
            return new Store(
                    () -> hearing(Caches.onRedis(guarded, store, KeySpace.DEFAULT, sealer), store),
                    sealer,
                    AccessTruth.onRedis(guarded, KeySpace.DEFAULT));
        }
    }

    static Caching open(Backend store, ServerSettings settings, Metrics metrics) {
        var elsewhere = settings.caching().redisUrl();
        if (elsewhere.isEmpty()) {
            return open(store, store.caching().caches().get(), Optional.empty(), () -> {}, settings, metrics);
        }
        RedisStore redis;
        try {
            redis = RedisStore.connect(ComponentSettings.redis(elsewhere.get(), settings), RedisEvents.NONE);
        } catch (RedisConfigurationException e) {
            throw new StartException("REDIS_CACHE_URL: " + e.getMessage(), e);
        }
        var guarded = new GuardedRunner(redis, Breaker.Settings.DEFAULT, RedisEvents.NONE);
        var caches = hearing(
                Caches.onRedis(guarded, redis, KeySpace.DEFAULT, store.caching().sealer()), redis);
        return open(
                store,
                caches,
                Optional.of(new KeySurvey(guarded, KeySpace.DEFAULT)),
                () -> {
                    guarded.close();
                    redis.close();
                },
                settings,
                metrics);
    }

    /** Takes some milliseconds of a Redis that is there. */
    private static Caches hearing(Caches caches, RedisStore redis) {
        if (redis.isConnected()) {
            var unused = caches.awaitHearing(LONGEST_DEAF_START);
        }
        return caches;
    }

    private static Caching open(
            Backend store,
            Caches caches,
            Optional<KeySurvey> keys,
            Runnable connection,
            ServerSettings settings,
            Metrics metrics) {
        var truth = store.caching().access();
        var access = new AccessStates(caches, settings.caching().accessState(), truth, InstantSource.system());
        var filled = CacheResource.open(caches, settings.caching().named());
        store.privacy()
                .data()
                .add(new CachedOfUsers(BY_USER.stream().map(filled::get).toList()));
        store.privacy().data().add(AccessStates.personalData(truth, access));
        CacheMetrics.show(metrics, caches);
        return new Caching(
                List.of(new AccessResource(access, truth), new CacheResource(filled)),
                new CachePart(caches),
                caches,
                keys,
                connection);
    }

    @Override
    public void close() {
        caches.close();
        connection.run();
    }
}
