package dev.sluice.limit;

import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Which answers mean that a lost store is back. One that was silent is back with its first answer, whatever it was; one that refused writes,
 * on a full memory for example, answered all along, and is back when it took one. Where a part of a Cluster failed, others answer all along,
 * too: they say something only once that part has not failed for a while. Thread-safe.
 */
public final class StoreReturn {
    /**
     * A watch believes what callers met more than what it met itself: a store that answers looks in time and decisions too late would
     * else be lost and found several times a second.
     */
    static final Duration QUIET = Duration.ofMillis(500);

    /** Of all parts. */
    public static final String EVERYWHERE = "";

    private static final long QUIET_MICROS = Microseconds.of(QUIET);

    private final LongSupplier microClock;
    private volatile boolean refused;
    private volatile String failedPart = EVERYWHERE;
    private volatile long failedAt;

    /** By the machine's clock. */
    public StoreReturn() {
        this(() -> System.nanoTime() / 1_000);
    }

    /** @param microClock microseconds that never go back */
    StoreReturn(LongSupplier microClock) {
        this.microClock = microClock;
        this.failedAt = microClock.getAsLong() - QUIET_MICROS;
    }

    /** @throws RedisUnavailableException the cause, if it says nothing about the store: the thread was interrupted */
    public static void requireOfStore(RedisUnavailableException cause) {
        if (cause.reason() == RedisUnavailableException.Reason.INTERRUPTED) {
            throw cause;
        }
    }

    /**
     * A question failed.
     *
     * @param part which part of the store was asked, as {@link dev.sluice.redis.ScriptRunner#shardOf} calls it
     * @throws RedisUnavailableException as {@link #requireOfStore}
     */
    public void failed(RedisUnavailableException cause, String part) {
        requireOfStore(cause);
        failedPart = part;
        failedAt = microClock.getAsLong();
        if (cause.isRefusal()) {
            refused = true;
        }
    }

    /** A watch found that the store refuses writes. */
    public void refused() {
        refused = true;
    }

    /** A watch was the first to find the store lost, with all of its parts. */
    public void lostEverywhere() {
        failedPart = EVERYWHERE;
    }

    /** A watch found that a part still fails. */
    public void partFails() {
        failedAt = microClock.getAsLong();
    }

    /**
     * Whether an answer means that the store is back.
     *
     * @param part which part answered
     * @param written whether something was written for it
     */
    public boolean isBy(String part, boolean written) {
        String failed = failedPart;
        return (written || !refused) && (failed.equals(EVERYWHERE) || failed.equals(part) || isQuiet());
    }

    /** Whether the watch's finding the store there and willing means that it is back. */
    public boolean isByWatch() {
        return isQuiet();
    }

    private boolean isQuiet() {
        return microClock.getAsLong() - failedAt >= QUIET_MICROS;
    }

    /** It is back. */
    public void ended() {
        refused = false;
    }
}
