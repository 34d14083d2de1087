package dev.sluice.redis;

import java.time.Duration;

/**
 * What happens between Sluice and Redis, for metrics and warnings. Called on the thread where it happens, so an
 * implementation must be thread-safe, quick and must not throw. Scripts are called by their names; no key or argument is
 * handed out.
 */
public interface RedisEvents {
    RedisEvents NONE = new RedisEvents() {};

    /** A script's reply came. */
    default void answered(String script, Duration roundTrip) {}

    /** A script got no reply or was refused. */
    default void failed(String script, RedisUnavailableException.Reason reason) {}

    /** A script ran and failed. */
    default void scriptFailed(String script) {}

    /** A connection is up, the first time or again. */
    default void connected() {}

    /** A connection went down. */
    default void disconnected() {}

    /**
     * A breaker opened or closed; probing is no change.
     *
     * @param shard which part of Redis: {@code redis}, or the id of a Cluster node
     */
    default void breakerChanged(String shard, Breaker.State state) {}

    /**
     * The clock of a part of Redis has another time than before.
     *
     * @param by how far it jumped, ahead if positive
     */
    default void clockJumped(String shard, Duration by) {}

    /** The number of living replicas of Sluice changed. */
    default void replicasChanged(int before, int now) {}
}
