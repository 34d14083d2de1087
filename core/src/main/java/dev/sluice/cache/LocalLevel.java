package dev.sluice.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Copies of one cache's values in this process, as many as its bounds allow. Which copies count is not for this class to say: see
 * {@link Epochs} and {@link CacheNews}. Thread-safe.
 */
final class LocalLevel<V> {
    /** About what key, copy and the map's own entry take. */
    private static final int OVERHEAD = 160;

    private final com.github.benmanes.caffeine.cache.Cache<CacheKey, Copy<V>> copies;
    private final long leastWeight;

    /**
     * @param value empty: there is none
     * @param stamp from before it was asked for
     * @param keptAt nanoseconds on the process' clock, as all times here
     * @param holdsUntil from then on it may only stand in for one that cannot be loaded
     * @param livesUntil from then on not even that
     * @param took how long it took to load
     * @param bytes how many it takes, encoded
     * @param standsIn whether it is old, and holds only because none could be loaded
     */
    record Copy<V>(
            Optional<V> value,
            long stamp,
            long keptAt,
            long holdsUntil,
            long livesUntil,
            long took,
            int bytes,
            boolean standsIn) {
        boolean holds(long now) {
            return holdsUntil - now > 0;
        }

        boolean lives(long now) {
            return livesUntil - now > 0;
        }

        /** The same, to be read again for so long without a look at its source; it lives no longer for that. */
        Copy<V> standingIn(long now, long nanos) {
            long until = now + Math.min(nanos, livesUntil - now);
            return new Copy<>(value, stamp, keptAt, until, livesUntil, 0, bytes, true);
        }
    }

    LocalLevel(CacheSettings settings, LongSupplier nanoClock) {
        // One bound for both: what is small weighs as much as keeps the number of copies in its bound.
        this.leastWeight = settings.localBytes() / settings.localEntries();
        this.copies = Caffeine.newBuilder()
                .maximumWeight(settings.localBytes())
                .weigher((CacheKey key, Copy<V> copy) -> weight(copy))
                .expireAfterWrite(settings.ttl().plus(settings.grace()).plus(Duration.ofMillis(1)))
                .ticker(nanoClock::getAsLong)
                .executor(Runnable::run)
                .build();
    }

    Optional<Copy<V>> find(CacheKey key) {
        return Optional.ofNullable(peek(key));
    }

    @Nullable Copy<V> peek(CacheKey key) {
        return copies.getIfPresent(key);
    }

    /** Keeps a copy unless a later one is there. */
    void keep(CacheKey key, Copy<V> copy, LongSupplier present) {
        copies.asMap().compute(key, (same, before) -> copy.stamp() == present.getAsLong() ? copy : before);
    }

    void remove(CacheKey key) {
        copies.invalidate(key);
    }

    void clear() {
        copies.invalidateAll();
    }

    /** As they are just now. */
    Set<CacheKey> keys() {
        return Set.copyOf(copies.asMap().keySet());
    }

    long size() {
        copies.cleanUp();
        return copies.estimatedSize();
    }

    private int weight(Copy<V> copy) {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(leastWeight, (long) copy.bytes() + OVERHEAD));
    }
}
