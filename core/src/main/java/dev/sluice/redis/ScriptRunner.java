package dev.sluice.redis;

import java.util.List;

/**
 * Runs scripts on one Redis, whatever its topology. Thread-safe; blocks its (virtual) thread.
 *
 * <p>Guarantee: a script is sent at most once. When no reply comes within the deadline it may or may not have run, and
 * {@link RedisUnavailableException} says so; nothing is replayed after a reconnect.
 */
public interface ScriptRunner {

    /**
     * Runs a script within this runner's deadline for decisions.
     *
     * @param keys all keys that the script touches, sharing one hash tag
     * @throws RedisUnavailableException if no reply came in time, the connection is lost or Redis refuses to work
     * @throws RedisScriptException if Redis ran the script and it failed
     */
    ScriptReply run(Script script, List<String> keys, List<byte[]> args);
}
