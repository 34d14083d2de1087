package dev.sluice.cache;

import dev.sluice.encryption.Sealer;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.KeyWatch;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/** Makes the caches of one process, and hears for all of them what other replicas change. Thread-safe. */
public final class Caches implements AutoCloseable {

    /** What Redis offers to those who keep copies. */
    public enum Hearing {
        /** Each change of a key, also that it was dropped. */
        TRACKING,
        /** Only what replicas announce. */
        ANNOUNCEMENTS,
        /** Nothing just now: Redis is asked about each value. */
        NOTHING,
        /** There is nobody else. */
        NOT_NEEDED
    }

    private record Shared(ScriptRunner redis, KeySpace keys, Sealer sealer, CacheNews news, KeyWatch.Watch watch) {}

    private final LongSupplier nanoClock;
    private final DoubleSupplier random;
    private final CacheNews alone;
    private final Optional<Shared> shared;
    private final String process = UUID.randomUUID().toString().substring(0, 18) + ":";
    private final Map<String, Cache<?>> open = new ConcurrentHashMap<>();

    private Caches(LongSupplier nanoClock, DoubleSupplier random) {
        this.nanoClock = nanoClock;
        this.random = random;
        this.alone = CacheNews.ofOneProcess(nanoClock);
        this.shared = Optional.empty();
    }

    private Caches(
            ScriptRunner redis,
            KeyWatch watch,
            KeySpace keys,
            Sealer sealer,
            LongSupplier nanoClock,
            DoubleSupplier random) {
        this.nanoClock = nanoClock;
        this.random = random;
        this.alone = CacheNews.ofOneProcess(nanoClock);
        var news = new CacheNews(keys, nanoClock);
        this.shared = Optional.of(new Shared(
                redis, keys, sealer, news, watch.watch(CacheNews.prefixes(keys), CacheNews.channel(keys), news)));
    }

    /** For one process: what is to be in Redis is in this process only. */
    public static Caches inMemory() {
        return inMemory(System::nanoTime, () -> ThreadLocalRandom.current().nextDouble());
    }

    static Caches inMemory(LongSupplier nanoClock, DoubleSupplier random) {
        return new Caches(nanoClock, random);
    }

    /**
     * Shared by all processes on one Redis.
     *
     * @param redis with deadlines, and best behind a breaker
     * @param watch the same Redis
     * @param sealer encrypts the values of those caches that ask for it
     */
    public static Caches onRedis(ScriptRunner redis, KeyWatch watch, KeySpace keys, Sealer sealer) {
        return onRedis(
                redis,
                watch,
                keys,
                sealer,
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    static Caches onRedis(
            ScriptRunner redis,
            KeyWatch watch,
            KeySpace keys,
            Sealer sealer,
            LongSupplier nanoClock,
            DoubleSupplier random) {
        return new Caches(redis, watch, keys, sealer, nanoClock, random);
    }

    /**
     * Opens a cache.
     *
     * @throws IllegalArgumentException if one of that name is open already
     */
    public <V> Cache<V> open(CacheSettings settings, CacheCodec<V> codec) {
        return settings.mode() == CacheMode.OFF
                ? opened(new PassThroughCache<>(settings))
                : opened(caching(settings, codec));
    }

    /**
     * Opens a cache whose values its callers load under leases.
     *
     * @throws IllegalArgumentException if one of that name is open already
     */
    public <V> LeasedCache<V> openLeased(CacheSettings settings, CacheCodec<V> codec) {
        if (settings.mode() == CacheMode.OFF) {
            return new PassThroughLeases<>(opened(new PassThroughCache<>(settings)));
        }
        var counters = new CacheCounters();
        Levels<V> levels = levels(settings, codec, counters);
        return new ReadThroughLeases<>(opened(new ReadThroughCache<>(settings, levels, counters)), levels, counters);
    }

    /** All that are open. */
    public Collection<Cache<?>> all() {
        return List.copyOf(open.values());
    }

    /** What is heard of other replicas now. */
    public Hearing hearing() {
        if (shared.isEmpty()) {
            return Hearing.NOT_NEEDED;
        }
        CacheNews.State state = shared.get().news().state();
        return !state.live() ? Hearing.NOTHING : state.tracked() ? Hearing.TRACKING : Hearing.ANNOUNCEMENTS;
    }

    /**
     * Waits until changes are heard for the first time. Nobody must: until then Redis is asked about each value.
     *
     * @return whether they are
     */
    public boolean awaitHearing(Duration longest) {
        if (shared.isEmpty()) {
            return true;
        }
        try {
            shared.get().news().firstAttached().get(TimeUnit.NANOSECONDS.convert(longest), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the link to Redis never fails, it only takes long", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** How many keys others are still to be told of, since Redis was away when they were invalidated. */
    public int owedNews() {
        return open.values().stream()
                .mapToInt(cache -> cache instanceof ReadThroughCache<?> caching ? caching.owedNews() : 0)
                .sum();
    }

    /** Listens no more, and forgets all copies: whoever still reads asks Redis about each value. The connection stays open. */
    @Override
    public void close() {
        shared.ifPresent(all -> {
            all.watch().close();
            all.news().close();
        });
        open.values().forEach(cache -> {
            if (cache instanceof ReadThroughCache<?> caching) {
                caching.close();
            }
        });
    }

    private <C extends Cache<?>> C opened(C cache) {
        CacheSettings settings = cache.settings();
        if (open.putIfAbsent(settings.name(), cache) != null) {
            throw new IllegalArgumentException("there is a cache named '" + settings.name() + "' already");
        }
        if (cache instanceof ReadThroughCache<?> caching) {
            newsFor(settings).add(caching);
        }
        return cache;
    }

    private <V> ReadThroughCache<V> caching(CacheSettings settings, CacheCodec<V> codec) {
        var counters = new CacheCounters();
        return new ReadThroughCache<>(settings, levels(settings, codec, counters), counters);
    }

    private <V> Levels<V> levels(CacheSettings settings, CacheCodec<V> codec, CacheCounters counters) {
        Optional<RedisLevel> redis = shared.filter(all -> settings.mode() == CacheMode.REDIS)
                .map(all -> new RedisLevel(all.redis(), all.keys(), process, settings, all.sealer()));
        return new Levels<>(settings, codec, redis, newsFor(settings), nanoClock, random, counters);
    }

    private CacheNews newsFor(CacheSettings settings) {
        return settings.mode() == CacheMode.REDIS ? shared.map(Shared::news).orElse(alone) : alone;
    }
}
