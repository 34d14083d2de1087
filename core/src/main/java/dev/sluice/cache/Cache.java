package dev.sluice.cache;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Values that cost something to get, kept for a while: read through, so that whoever asks gets the value and never looks after it.
 * Thread-safe; blocks its (virtual) thread.
 *
 * <p>Guarantees. Of all who miss one key at once, over all replicas, one loads and the others get what it loaded. Whoever reads after
 * {@link #invalidate} or {@link #put} has returned gets no value that was loaded before it was called: in this process at once; on
 * another replica once it has heard, which takes a message's way, and as long as {@link CacheSettings#withoutNews} if it cannot hear.
 * What is kept elsewhere than in this process is lost at any time without harm: it is loaded again.
 *
 * <p>Values are shared by all who read them, so they must not be changed. That nothing is there is a value, too: kept for
 * {@link CacheSettings#negativeTtl}.
 *
 * @param <V> of the values
 */
public interface Cache<V> {

    /** Gets a value from where it is really kept. May block; it is interrupted when its time is over. */
    @FunctionalInterface
    interface Loader<V> {
        /** @return empty if there is none */
        Optional<V> load() throws Exception;
    }

    /** Gets several at once. */
    @FunctionalInterface
    interface BulkLoader<V> {
        /** @return those that there are */
        Map<CacheKey, V> load(Collection<CacheKey> keys) throws Exception;
    }

    /**
     * The value of a key, loaded if need be. Takes at most {@link CacheSettings#within}.
     *
     * @return empty if there is none
     * @throws LoadFailedException if it could not be loaded, in time or at all, and no old value may stand in for it
     * @throws InterruptedException if the waiting thread is interrupted; the load goes on for others
     */
    Optional<V> get(CacheKey key, Loader<V> loader) throws InterruptedException;

    /**
     * The values of several keys; those that miss are loaded together, each key by one caller at a time.
     *
     * @param keys as many as a bulk load may ask for; each counts once
     * @return those that there are, in the order of the keys
     * @throws LoadFailedException as {@link #get}, if it befell one of them
     */
    Map<CacheKey, V> getAll(Collection<CacheKey> keys, BulkLoader<V> loader) throws InterruptedException;

    /**
     * Keeps a value that the caller has just written or read: it holds from now on, whatever is being loaded. One that the codec cannot
     * encode is forgotten instead, and what the codec throws is thrown.
     *
     * @return false if Redis could not be told: others may read an older value, until it has been, which is tried until it succeeds
     */
    boolean put(CacheKey key, V value);

    /**
     * Forgets the value of a key, on all replicas, and what is being loaded with it.
     *
     * @return false if Redis could not be told: this process has forgotten it, others may go on with it until they have been told,
     *     which is tried until it succeeds, for up to 10,000 keys at once
     */
    boolean invalidate(CacheKey key);

    /**
     * Forgets what this process has of a key, and what is being loaded with it here. Neither Redis nor other processes are asked or told: whoever
     * reads then gets what Redis has.
     */
    void forgetHere(CacheKey key);

    /** Likewise all keys of which this process has a copy, or that are being loaded here, and that are among those. */
    void forgetHere(Predicate<CacheKey> which);

    /** Likewise all keys, also those that others load under a lease of this process. */
    void forgetAllHere();

    /** What it is, and how much is kept how long. */
    CacheSettings settings();

    /** What became of those who asked, since the start. */
    CacheStatistics statistics();
}
