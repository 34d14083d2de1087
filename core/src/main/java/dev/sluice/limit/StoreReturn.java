package dev.sluice.limit;

import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;

/**
 * Which answers mean that a lost store is back. One that was silent is back with its first answer, whatever it was; one that refused writes,
 * on a full memory for example, answered all along, and is back when it took one. Thread-safe.
 */
public final class StoreReturn {
    /**
     * A watch believes what callers met more than what it met itself: a store that answers looks in time and decisions too late would
     * else be lost and found several times a second.
     */
    static final Duration QUIET = Duration.ofMillis(500);

    private volatile boolean refused;
    private volatile long failedNanos = System.nanoTime() - QUIET.toNanos();

    /** @throws RedisUnavailableException the cause, if it says nothing about the store: the thread was interrupted */
    public static void requireOfStore(RedisUnavailableException cause) {
        if (cause.reason() == RedisUnavailableException.Reason.INTERRUPTED) {
            throw cause;
        }
    }

    /**
     * A question failed.
     *
     * @throws RedisUnavailableException as {@link #requireOfStore}
     */
    public void failed(RedisUnavailableException cause) {
        requireOfStore(cause);
        failedNanos = System.nanoTime();
        if (cause.isRefusal()) {
            refused = true;
        }
    }

    /** A watch found that the store refuses writes. */
    public void refused() {
        refused = true;
    }

    /**
     * Whether an answer means that the store is back.
     *
     * @param written whether something was written for it
     */
    public boolean isBy(boolean written) {
        return written || !refused;
    }

    /** Whether the watch's finding the store there and willing means that it is back. */
    public boolean isByWatch() {
        return System.nanoTime() - failedNanos >= QUIET.toNanos();
    }

    /** It is back. */
    public void ended() {
        refused = false;
    }
}
