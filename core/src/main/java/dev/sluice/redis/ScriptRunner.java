package dev.sluice.redis;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Runs scripts on one Redis, whatever its topology. Thread-safe; blocks its (virtual) thread.
 *
 * <p>Guarantee: a script is run at most once. When no reply comes within the deadline it may or may not have run, and
 * {@link RedisUnavailableException} says so; nothing is replayed after a reconnect.
 */
@FunctionalInterface
public interface ScriptRunner {

    /**
     * Runs a script within this runner's deadline for decisions.
     *
     * @param keys all keys that the script touches, sharing one hash tag
     * @throws RedisUnavailableException if no reply came in time, the connection is lost or Redis refuses to work
     * @throws RedisScriptException if Redis ran the script and it failed
     * @throws IllegalArgumentException if the keys lie in more than one Cluster slot
     */
    ScriptReply run(Script script, List<String> keys, List<byte[]> args);

    /**
     * Runs a script within a deadline of its own: settling what is already done may take longer than deciding.
     *
     * @param timeout more than zero; a runner without deadlines ignores it
     */
    default ScriptReply run(Script script, List<String> keys, List<byte[]> args, Duration timeout) {
        return run(script, keys, args);
    }

    /** Within the timeout if there is one, else within this runner's deadline for decisions. */
    default ScriptReply run(Script script, List<String> keys, List<byte[]> args, Optional<Duration> timeout) {
        return timeout.isPresent() ? run(script, keys, args, timeout.get()) : run(script, keys, args);
    }

    /** How long {@link #run(Script, List, List)} takes at most; empty if nothing bounds it here. */
    default Optional<Duration> deadline() {
        return Optional.empty();
    }

    /**
     * The parts that keys lie on, in the order of their slots, so that a script can be run on each: one, unless it is a Cluster.
     *
     * @throws RedisUnavailableException if it has never been reached
     */
    default List<Shard> shards() {
        return List.of(Shard.WHOLE);
    }

    /** The part that {@code keys} lie on now, which has a clock of its own; a short stable name. */
    default String shardOf(List<String> keys) {
        return "redis";
    }

    /**
     * A part that keys lie on.
     *
     * @param firstSlot the lowest of its Cluster slots, 0 if it is all of Redis
     * @param tag a hash tag that leads there
     */
    record Shard(int firstSlot, String tag) {
        static final Shard WHOLE = new Shard(0, "0");
    }
}
