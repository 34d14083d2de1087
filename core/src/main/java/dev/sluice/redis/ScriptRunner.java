package dev.sluice.redis;

import java.time.Duration;
import java.util.List;

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
}
