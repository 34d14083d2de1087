package dev.sluice.cache;

import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Both levels of one cache, and which copies may be relied on. Thread-safe. */
final class Levels<V> implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Levels.class);

    /** How long copies hold at most where nobody tells that Redis dropped a key or was wiped. */
    private static final Duration LONGEST_UNTRACKED = Duration.ofSeconds(30);

    /** How often one whose source fails is asked again, while an old value stands in. */
    private static final Duration STALE_HOLDS = Duration.ofSeconds(1);

    /** How often it is warned of a Redis that fails, which it may do at each read. */
    private static final Duration BETWEEN_WARNINGS = Duration.ofMinutes(1);

    /** The part of their lives by which values that were loaded together may end apart. */
    private static final double JITTER = 0.1;

    /** Beyond as many loading times before its end a value is renewed about once in 10^9 reads: no logarithm is needed to see that. */
    private static final int FAR_AHEAD = 20;

    private final CacheSettings settings;
    private final CacheCodec<V> codec;
    private final LocalLevel<V> local;
    private final Optional<RedisLevel> redis;
    private final OwedNews owed;
    private final Epochs epochs;
    private final CacheNews news;
    private final LongSupplier nanoClock;
    private final DoubleSupplier random;
    private final CacheCounters counters;
    private final AtomicLong nextWarning;

    /**
     * @param redis empty if values are kept in this process only
     * @param random from 0 to below 1
     */
    Levels(
            CacheSettings settings,
            CacheCodec<V> codec,
            Optional<RedisLevel> redis,
            CacheNews news,
            LongSupplier nanoClock,
            DoubleSupplier random,
            CacheCounters counters) {
        this.settings = settings;
        this.codec = codec;
        this.local = new LocalLevel<>(settings, nanoClock);
        this.redis = redis;
        this.owed = new OwedNews(settings.name(), key -> redis.ifPresent(level -> level.forget(key)));
        this.epochs = news.epochs();
        this.news = news;
        this.nanoClock = nanoClock;
        this.random = random;
        this.counters = counters;
        this.nextWarning = new AtomicLong(nanoClock.getAsLong());
    }

    /** Nanoseconds, on the clock of all that is kept here. */
    long now() {
        return nanoClock.getAsLong();
    }

    /** A copy that holds and may be relied on, or null: asked at every read, most of which end here. */
    LocalLevel.@Nullable Copy<V> copy(CacheKey key, long now) {
        LocalLevel.Copy<V> copy = local.peek(key);
        return copy != null
                        && copy.holds(now)
                        && copy.stamp() == stamp(key)
                        && news.state().live()
                ? copy
                : null;
    }

    /** What there is when Redis cannot be asked; may be old. */
    Optional<LocalLevel.Copy<V>> copyWithoutRedis(CacheKey key) {
        long now = nanoClock.getAsLong();
        CacheNews.State state = news.state();
        return local.find(key)
                .filter(copy -> copy.stamp() == stamp(key)
                        && copy.lives(now)
                        && (state.live()
                                || now - Math.max(copy.keptAt(), state.since()) <= nanos(settings.withoutNews())));
    }

    /** Whether a copy holds, so that nobody need load. */
    boolean holds(LocalLevel.Copy<V> copy) {
        return copy.holds(nanoClock.getAsLong());
    }

    /**
     * How many loading times before its end a value is renewed by this read: XFetch (Vattani, Chierichetti, Lowenstein: Optimal
     * Probabilistic Cache Stampede Prevention, VLDB 2015) with beta 1. Of a value that many read, one who reads renews it shortly
     * before it ends; of one that few read, nobody.
     */
    double ahead() {
        return -Math.log(1 - random.getAsDouble());
    }

    /** How much longer a copy holds. */
    Duration left(LocalLevel.Copy<V> copy) {
        return Duration.ofNanos(Math.max(0, copy.holdsUntil() - nanoClock.getAsLong()));
    }

    /** With how many loading times before its end this read is to renew the copy, although it holds; empty if it is not to. */
    OptionalDouble due(LocalLevel.Copy<V> copy, long now) {
        long left = copy.holdsUntil() - now;
        if (left >= FAR_AHEAD * copy.took()) {
            return OptionalDouble.empty();
        }
        double ahead = ahead();
        return left <= copy.took() * ahead ? OptionalDouble.of(ahead) : OptionalDouble.empty();
    }

    /** Of now; to be taken before anything is asked that is to be kept. */
    long stamp(CacheKey key) {
        return epochs.stamp(hash(key));
    }

    boolean isShared() {
        return redis.isPresent();
    }

    /**
     * Asks Redis, once it knows all that it is owed.
     *
     * @return empty if it cannot be asked
     */
    Optional<Look> look(CacheKey key, double ahead) {
        return looking(key, () -> level().look(key, ahead));
    }

    /** @param fence of the lease, if there is one to be had: unlike any other of any process */
    Optional<Look> look(CacheKey key, double ahead, String fence) {
        return looking(key, () -> level().look(key, ahead, fence));
    }

    private Optional<Look> looking(CacheKey key, Question<Look> question) {
        return asking(() -> {
            owed.settle(key);
            try {
                return question.ask();
            } catch (RedisLevel.UnreadableException e) {
                dropUnreadable(key);
                return question.ask();
            }
        });
    }

    /** Forgets what cannot be read here, so that it is loaded again. */
    void dropUnreadable(CacheKey key) {
        log.info("cache {}: a value of another version, or sealed by another key, is forgotten", settings.name());
        var unused = asking(() -> {
            level().forget(key);
            return true;
        });
    }

    /** @return empty if Redis could not be told; else whether it has taken it */
    Optional<Boolean> fill(Look.Lease lease, RedisLevel.Kept value) {
        return asking(() -> level().fill(lease, value));
    }

    /** The same for a value of which only Redis knows how long it took. */
    Optional<Boolean> fillTimedByLease(Look.Lease lease, RedisLevel.Kept value) {
        return asking(() -> level().fillTimedByLease(lease, value));
    }

    boolean renew(Look.Lease lease) {
        return tryRenew(lease).orElse(true);
    }

    /** @return empty if Redis does not say; else whether the lease is still the caller's */
    Optional<Boolean> tryRenew(Look.Lease lease) {
        return asking(() -> level().renew(lease));
    }

    /** @return whether it was the caller's, as far as is known */
    boolean release(Look.Lease lease) {
        return asking(() -> level().release(lease)).orElse(false);
    }

    /** @return whether all are told */
    boolean put(CacheKey key, RedisLevel.Kept value) {
        return telling(key, () -> level().put(key, value));
    }

    /** @return whether all are told */
    boolean forget(CacheKey key) {
        return telling(key, () -> level().forget(key));
    }

    /** What is known here of a key counts no more. */
    void moveOn(CacheKey key) {
        epochs.moveOn(hash(key));
        local.remove(key);
    }

    /** Likewise of all keys; other caches of this process ask Redis anew as well. */
    void moveAllOn() {
        epochs.moveAllOn();
    }

    void clear() {
        local.clear();
    }

    /** The keys of which there is a copy. */
    Set<CacheKey> copied() {
        return local.keys();
    }

    /** A value that was just got, in the form in which it is kept. */
    RedisLevel.Kept kept(Optional<V> value, Duration took) {
        if (value.isEmpty()) {
            return new RedisLevel.Kept(Optional.empty(), settings.negativeTtl(), settings.negativeTtl(), took);
        }
        double part = 1 - JITTER * random.getAsDouble();
        Duration holds = Duration.ofNanos(Math.max(1_000, (long) (nanos(settings.ttl()) * part)));
        return new RedisLevel.Kept(Optional.of(codec.encode(value.get())), holds, holds.plus(settings.grace()), took);
    }

    /**
     * The value of what Redis keeps.
     *
     * @throws IllegalArgumentException if it is of another version
     */
    Optional<V> decode(Look.Entry entry) {
        return entry.content().map(codec::decode);
    }

    /** A copy of what Redis keeps, whether or not it still holds. */
    LocalLevel.Copy<V> copyOf(long stamp, Look.Entry entry, Optional<V> value) {
        Duration lives = entry.content().isPresent() ? entry.holds().plus(settings.grace()) : entry.holds();
        return copyOf(stamp, value, entry.holds(), lives, entry.took(), entry.content());
    }

    /** Keeps a copy, unless something was heard since its stamp. */
    void keep(CacheKey key, LocalLevel.Copy<V> copy) {
        if (copy.holds(nanoClock.getAsLong())) {
            local.keep(key, copy, () -> stamp(key));
        }
    }

    /**
     * Copies what was loaded.
     *
     * @param agreed whether Redis has taken it, or is not needed
     */
    void keep(CacheKey key, long stamp, RedisLevel.Kept kept, Optional<V> value, boolean agreed) {
        Duration most = settings.withoutNews();
        Duration holds = agreed || kept.holds().compareTo(most) < 0 ? kept.holds() : most;
        keep(key, copyOf(stamp, value, holds, kept.lives(), kept.took(), kept.content()));
    }

    /** An old value holds a little again, since its source fails. */
    void keepOld(CacheKey key, LocalLevel.Copy<V> old) {
        keep(key, old.standingIn(nanoClock.getAsLong(), nanos(STALE_HOLDS)));
    }

    long size() {
        return local.size();
    }

    int owedNews() {
        return owed.size();
    }

    @Override
    public void close() {
        owed.close();
        local.clear();
    }

    private LocalLevel.Copy<V> copyOf(
            long stamp, Optional<V> value, Duration holds, Duration lives, Duration took, Optional<byte[]> content) {
        long now = nanoClock.getAsLong();
        long most = news.state().tracked() ? Long.MAX_VALUE : nanos(LONGEST_UNTRACKED);
        return new LocalLevel.Copy<>(
                value,
                stamp,
                now,
                now + Math.min(nanos(holds), most),
                now + Math.min(nanos(lives), most),
                nanos(took),
                content.map(bytes -> bytes.length).orElse(0),
                false);
    }

    private boolean telling(CacheKey key, Runnable script) {
        if (redis.isEmpty()) {
            return true;
        }
        long owing = owed.mark(key);
        boolean told = asking(() -> {
                    script.run();
                    return true;
                })
                .orElse(false);
        if (told) {
            owed.told(key, owing);
        } else {
            owed.add(key);
        }
        return told;
    }

    private interface Question<T> {
        T ask();
    }

    private <T> Optional<T> asking(Question<T> question) {
        try {
            return Optional.of(question.ask());
        } catch (RedisUnavailableException e) {
            counters.storeFailures.increment();
            return Optional.empty();
        } catch (RedisScriptException e) {
            counters.storeFailures.increment();
            warn(e);
            return Optional.empty();
        }
    }

    private void warn(RedisScriptException failure) {
        long now = nanoClock.getAsLong();
        long next = nextWarning.get();
        if (now - next >= 0 && nextWarning.compareAndSet(next, now + nanos(BETWEEN_WARNINGS))) {
            log.warn("cache {}: goes on without Redis, which failed", settings.name(), failure);
        }
    }

    private RedisLevel level() {
        return redis.orElseThrow();
    }

    private int hash(CacheKey key) {
        return 31 * settings.name().hashCode() + key.name().hashCode();
    }

    private static long nanos(Duration time) {
        return TimeUnit.NANOSECONDS.convert(time);
    }
}
