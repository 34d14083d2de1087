package dev.sluice.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Leases of this process, where Redis is not to know of them or cannot be asked. Whether a lease still holds is also a matter of its
 * stamp: whoever writes or forgets a value moves its epoch on ({@link Epochs}). Thread-safe.
 */
final class LocalLeases {
    /** As many callers are at work at once; of the keys of those beyond, several may load. */
    private static final int MOST = 10_000;

    /** The map does not count from a renewal that comes within a second; until when a lease holds, it says itself. */
    private static final Duration LONGEST_UNSEEN = Duration.ofSeconds(2);

    private final Map<CacheKey, Held> held;
    private final Duration length;
    private final LongSupplier nanoClock;

    /**
     * A lease.
     *
     * @param stamp of the key when it was taken
     * @param since when that was, in nanoseconds
     * @param until when it ends
     */
    record Held(String id, long stamp, long since, long until) {}

    LocalLeases(Duration length, LongSupplier nanoClock) {
        this.length = length;
        this.nanoClock = nanoClock;
        this.held = Caffeine.newBuilder()
                .maximumSize(MOST)
                .expireAfterWrite(length.plus(LONGEST_UNSEEN))
                .ticker(nanoClock::getAsLong)
                .executor(Runnable::run)
                .<CacheKey, Held>build()
                .asMap();
    }

    /**
     * Takes the lease of a key if nobody has it.
     *
     * @param id a new one
     * @param stamp of now
     * @return whose it is
     */
    Held take(CacheKey key, String id, long stamp) {
        long now = nanoClock.getAsLong();
        var mine = new Held(id, stamp, now, now + TimeUnit.NANOSECONDS.convert(length));
        return held.compute(key, (same, other) -> other != null && holds(other, stamp) ? other : mine);
    }

    /**
     * A lease that still holds.
     *
     * @param stamp of now
     */
    Optional<Held> find(CacheKey key, String id, long stamp) {
        return Optional.ofNullable(held.get(key)).filter(there -> there.id().equals(id) && holds(there, stamp));
    }

    /** @return whether it held */
    boolean renew(CacheKey key, Held lease) {
        long until = nanoClock.getAsLong() + TimeUnit.NANOSECONDS.convert(length);
        return held.replace(key, lease, new Held(lease.id(), lease.stamp(), lease.since(), until));
    }

    void end(CacheKey key, Held lease) {
        held.remove(key, lease);
    }

    /** How much longer nobody else may load. */
    Duration left(Held lease) {
        return Duration.ofNanos(Math.max(0, lease.until() - nanoClock.getAsLong()));
    }

    /** How long its holder has had it. */
    Duration took(Held lease) {
        return Duration.ofNanos(nanoClock.getAsLong() - lease.since());
    }

    /** Of a new lease, here or in Redis. */
    static String newId() {
        return UUID.randomUUID().toString();
    }

    private boolean holds(Held lease, long stamp) {
        return lease.stamp() == stamp && lease.until() - nanoClock.getAsLong() > 0;
    }
}
