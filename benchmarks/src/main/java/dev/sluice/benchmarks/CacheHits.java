package dev.sluice.benchmarks;

import com.alicp.jetcache.embedded.CaffeineCacheBuilder;
import dev.sluice.benchmarks.Rounds.Arm;
import dev.sluice.benchmarks.Rounds.Measured;
import dev.sluice.cache.Cache;
import dev.sluice.cache.CacheCodec;
import dev.sluice.cache.CacheKey;
import dev.sluice.cache.CacheSettings;
import dev.sluice.cache.Caches;
import dev.sluice.encryption.Sealer;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.redisson.Redisson;
import org.redisson.api.RLocalCachedMap;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.LocalCachedMapOptions;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/**
 * Reads of what is cached, in the process and in Redis, beside Redisson's map with local copies and JetCache on Caffeine; and how long it
 * takes until another replica reads what was written.
 */
final class CacheHits {
    private static final int KEYS = 1_000;
    private static final int WRITES = 300;
    private static final int CALLERS = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final CacheSettings HOUR = CacheSettings.of("bench", Duration.ofHours(1));

    private final BenchmarkRedis redis;

    CacheHits(BenchmarkRedis redis) {
        this.redis = redis;
    }

    static String jetCacheVersion() throws IOException {
        var built = new Properties();
        try (InputStream in = CaffeineCacheBuilder.class.getResourceAsStream(
                "/META-INF/maven/com.alicp.jetcache/jetcache-core/pom.properties")) {
            built.load(in);
        }
        return built.getProperty("version");
    }

    Section measure(Rounds rounds) throws InterruptedException {
        redis.forgetEverything();
        var figures = new ArrayList<Figure>();
        try (var one = new Replica(redis.url());
                var other = new Replica(redis.url())) {
            hits(rounds, one, figures);
            delays(one, other, figures);
        }
        redis.forgetEverything();
        return new Section(
                "Hits of a cache",
                KEYS + " keys; time per read over " + CALLERS + " callers, " + rounds.count() + " rounds of "
                        + rounds.slice().toMillis() + " ms; delays of " + WRITES
                        + " writes on one replica until another reads it",
                figures);
    }

    private void hits(Rounds rounds, Replica replica, List<Figure> figures) throws InterruptedException {
        CacheKey[] keys = new CacheKey[KEYS];
        for (int i = 0; i < KEYS; i++) {
            String value = "value " + i;
            keys[i] = CacheKey.of(i);
            replica.map.fastPut(keys[i].name(), value);
            replica.jet.put(keys[i], value);
            // Twice, since what was just loaded is read from Redis once before a copy is kept.
            for (int times = 0; times < 2; times++) {
                replica.cache.get(keys[i], () -> Optional.of(value));
                replica.remote.get(keys[i], () -> Optional.of(value));
            }
        }
        List<Arm> local = List.of(
                new Arm(
                        "Redisson RLocalCachedMap.get",
                        random -> present(replica.map.get(key(keys, random).name()))),
                new Arm("JetCache on Caffeine, get", random -> present(replica.jet.get(key(keys, random)))),
                new Arm("Cache.get", random -> present(replica.cache.get(key(keys, random), CacheHits::missing))));
        compare(rounds, "in the process: ", local, figures, true);
        List<Arm> remote = List.of(
                new Arm(
                        "Redisson RMap.get",
                        random -> present(replica.plain.get(key(keys, random).name()))),
                new Arm("Cache.get", random -> present(replica.remote.get(key(keys, random), CacheHits::missing))));
        compare(rounds, "in Redis: ", remote, figures, false);
    }

    /** The last is what the others are compared with. @param aiming whether it is to be level at least */
    private void compare(Rounds rounds, String where, List<Arm> arms, List<Figure> figures, boolean aiming) {
        List<Measured> measured = rounds.run(arms, CALLERS, redis::cpuSeconds);
        List<Double> ours = nanos(measured.getLast());
        for (Measured arm : measured) {
            String name = where + arm.name();
            if (arm == measured.getLast()) {
                figures.add(Figure.of(name, "ns", ours));
            } else {
                Figure figure = Figure.compared(name, "ns", nanos(arm), where + "Cache.get", ours);
                figures.add(aiming ? figure.atLeast(1) : figure);
            }
        }
    }

    private static List<Double> nanos(Measured arm) {
        return arm.each(slice -> 1e9 / slice.perSecond());
    }

    private static void delays(Replica one, Replica other, List<Figure> figures) throws InterruptedException {
        var key = CacheKey.of(-1);
        List<Double> ours = delays(
                (ignored, value) -> {
                    var unused = one.cache.put(key, Long.toString(value));
                },
                () -> read(other.cache, key));
        List<Double> redisson = delays(
                (ignored, value) -> one.map.fastPut(key.name(), Long.toString(value)), () -> other.map.get(key.name()));
        figures.add(Figure.of("Cache.put until another replica reads it", "us", ours));
        figures.add(Figure.of("Redisson RLocalCachedMap.fastPut until another reads it", "us", redisson));
    }

    private static String read(Cache<String> cache, CacheKey key) {
        try {
            return cache.get(key, Optional::empty).orElse("");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Microseconds from the begin of each write. */
    private static List<Double> delays(ObjLongConsumer<Object> write, Supplier<String> read)
            throws InterruptedException {
        var delays = new ArrayList<Double>();
        for (long i = 0; i < WRITES; i++) {
            String value = Long.toString(i);
            long begun = System.nanoTime();
            write.accept(value, i);
            while (!value.equals(read.get())) {
                if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                    throw new IllegalStateException("what was written on one replica was not read on the other");
                }
                Thread.onSpinWait();
            }
            delays.add((System.nanoTime() - begun) / 1e3);
            // So that the other has a copy again, which is to be invalidated.
            read.get();
            TimeUnit.MILLISECONDS.sleep(2);
            read.get();
        }
        return delays;
    }

    private static CacheKey key(CacheKey[] keys, RandomGenerator random) {
        return keys[random.nextInt(KEYS)];
    }

    private static void present(Optional<String> value) {
        value.orElseThrow();
    }

    private static void present(String value) {
        if (value == null) {
            throw new IllegalStateException("a value is missing");
        }
    }

    private static <T> Optional<T> missing() {
        throw new IllegalStateException("a value is missing");
    }

    /** What one process has. */
    private static final class Replica implements AutoCloseable {
        final RedisStore store;
        final Caches caches;
        final Cache<String> cache;
        final Cache<String> remote;
        final RedissonClient redisson;
        final RLocalCachedMap<String, String> map;
        final org.redisson.api.RMap<String, String> plain;
        final com.alicp.jetcache.Cache<CacheKey, String> jet;

        Replica(String url) throws InterruptedException {
            store = RedisStore.connect(
                    RedisSettings.parse(url).withCommandTimeout(Duration.ofSeconds(10)), RedisEvents.NONE);
            caches = Caches.onRedis(store, store, KeySpace.DEFAULT, Sealer.NONE);
            cache = caches.open(HOUR, CacheCodec.TEXT);
            // No copy fits.
            remote = caches.open(
                    CacheSettings.of("remote", Duration.ofHours(1)).withLocalBounds(1, 1_024), CacheCodec.TEXT);
            var config = new Config();
            config.setUseScriptCache(true);
            config.useSingleServer().setAddress(url);
            redisson = Redisson.create(config);
            map = redisson.getLocalCachedMap(LocalCachedMapOptions.<String, String>name("redisson:cache")
                    .codec(StringCodec.INSTANCE)
                    .cacheSize(10_000)
                    .evictionPolicy(LocalCachedMapOptions.EvictionPolicy.LRU));
            plain = redisson.getMap("redisson:cache", StringCodec.INSTANCE);
            jet = CaffeineCacheBuilder.createCaffeineCacheBuilder()
                    .limit(10_000)
                    .expireAfterWrite(1, TimeUnit.HOURS)
                    .keyConvertor(Function.identity())
                    .buildCache();
            while (caches.hearing() != Caches.Hearing.TRACKING) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
        }

        @Override
        public void close() {
            jet.close();
            redisson.shutdown();
            caches.close();
            store.close();
        }
    }
}
