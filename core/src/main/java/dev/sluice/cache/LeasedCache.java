package dev.sluice.cache;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A cache whose values are loaded by others than this process: whoever misses gets a lease, loads, and brings the value, to any replica.
 * Thread-safe; blocks its (virtual) thread.
 *
 * <p>Guarantees as {@link Cache}: of all who miss one key at once, over all replicas, one has the lease and the others wait for it; what
 * is brought is kept only under a lease that still holds, which it does not once the value was written or forgotten. A holder that dies
 * keeps the others waiting for {@link CacheSettings#lease}. While Redis is away there are leases of this process only, and what is
 * brought under them is kept here for {@link CacheSettings#withoutNews}.
 *
 * <p>After "leases" of Nishtala et al., Scaling Memcache at Facebook, NSDI 2013.
 *
 * @param <V> of the values
 */
public interface LeasedCache<V> {
    /**
     * Long enough for a question to a database and the way there and back; no longer than twice the lease of whoever reads the same cache
     * by {@link Cache}, who would take it for one of a clock that was set back.
     */
    Duration USUAL_LEASE = Duration.ofSeconds(4);

    /**
     * Asks for a value.
     *
     * @param wait how long to wait for somebody else who loads it; Redis' own deadline is added
     * @param early whether the asker would also load a value that holds, shortly before its end
     * @param gone completes when the asker has left: it then has no lease
     * @throws InterruptedException if the waiting thread is interrupted
     */
    LeasedAnswer<V> ask(CacheKey key, Duration wait, boolean early, CompletableFuture<?> gone)
            throws InterruptedException;

    /**
     * Brings what was loaded.
     *
     * @param lease the id of the lease under which it was
     * @param value empty: there is none
     */
    FillAnswer fill(CacheKey key, String lease, Optional<V> value);

    /** Lets a lease begin anew. */
    FillAnswer renew(CacheKey key, String lease);

    /** Gives a lease back without a value, which could not be loaded: the next one who asks has it. */
    void fail(CacheKey key, String lease);

    /** The same cache to be written and invalidated, and its statistics. */
    Cache<V> cache();
}
