package dev.sluice.cache;

import static org.awaitility.Awaitility.await;

import dev.sluice.encryption.Sealer;
import dev.sluice.redis.Breaker;
import dev.sluice.redis.GuardedRunner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import java.time.Duration;

/** One of several processes on one Redis, with connections, breaker and caches of its own, by the machine's clock. */
final class Replica implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    final Caches caches;
    final Cache<String> cache;
    private final RedisStore store;
    private final GuardedRunner guarded;

    private Replica(RedisSettings redis, CacheSettings settings) {
        // Waits longer than a busy machine makes it wait, and still far less than who reads.
        store = RedisStore.connect(redis.withCommandTimeout(Duration.ofSeconds(2)), RedisEvents.NONE);
        guarded = new GuardedRunner(store, Breaker.Settings.DEFAULT, RedisEvents.NONE);
        caches = Caches.onRedis(guarded, store, KeySpace.DEFAULT, Sealer.NONE);
        cache = caches.open(settings, CacheCodec.TEXT);
    }

    static Replica at(String url, CacheSettings settings) {
        return new Replica(RedisSettings.parse(url), settings);
    }

    static Replica at(int port, CacheSettings settings) {
        return at("redis://127.0.0.1:" + port, settings);
    }

    Replica hearing(Caches.Hearing what) {
        await().atMost(PATIENCE).until(() -> caches.hearing() == what);
        return this;
    }

    @Override
    public void close() {
        caches.close();
        guarded.close();
        store.close();
    }
}
