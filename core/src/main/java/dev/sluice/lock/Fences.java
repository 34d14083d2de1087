package dev.sluice.lock;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Values that only the latest holder of a lock can write: a write whose fence is less than the greatest seen is refused, however late it
 * comes. Looking and writing are one step. Thread-safe; may block.
 *
 * <p>For resources elsewhere the same is a condition of the write itself, such as {@code UPDATE ... SET fence = ? ... WHERE fence <= ?}.
 * Looking first and writing then is no protection: the holder may be stopped in between.
 *
 * <p>On Redis every method may throw {@link dev.sluice.redis.RedisUnavailableException}, which says whether it may have been done; the same
 * write with the same fence may be repeated.
 */
public interface Fences {
    Duration LONGEST_KEEP = Duration.ofDays(31);

    /** The largest value, in bytes. */
    int LARGEST = 1 << 20;

    /** Greater numbers Redis cannot tell apart; fences of locks come near it in 200 years. */
    long GREATEST = 1L << 53;

    /**
     * A value, and the fence that it was written with.
     *
     * @param bytes not copied: nobody may change them
     */
    record Fenced(long fence, byte[] bytes) {}

    /**
     * Writes a value.
     *
     * @param resource 1 to {@link LockName#LONGEST} characters of any kind; only a digest of it is kept
     * @param fence of the lock under which it is written, 1 to {@link #GREATEST}
     * @param value up to {@link #LARGEST} bytes
     * @param keep more than zero, up to {@link #LONGEST_KEEP}, in whole milliseconds: value and fence are forgotten then, and after that the
     *     latest of all late writes would pass
     * @return false if somebody with a greater fence has written before; nothing is changed then
     */
    boolean write(String resource, long fence, byte[] value, Duration keep);

    Optional<Fenced> read(String resource);

    /** For one process, until it ends. Nothing in it is forgotten but by its time: for tests and small programs. */
    static Fences inMemory(LongSupplier microClock) {
        return new InMemoryFences(microClock);
    }

    /** Shared by all processes on one Redis. */
    static Fences onRedis(ScriptRunner redis, KeySpace keys) {
        return new RedisFences(redis, keys);
    }
}
