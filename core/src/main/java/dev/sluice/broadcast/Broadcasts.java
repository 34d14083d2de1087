package dev.sluice.broadcast;

import dev.sluice.queue.MessageQueue;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import java.util.function.LongSupplier;

/** Makes stores of broadcasts. */
public final class Broadcasts {
    private Broadcasts() {}

    /**
     * For one process: nothing outlives it.
     *
     * @param queue in memory, too; what was sent is remembered there for as long as it says
     * @param microClock microseconds since the epoch that never go back
     */
    public static BroadcastStore inMemory(MessageQueue queue, LongSupplier microClock, BroadcastSettings settings) {
        return new InMemoryBroadcastStore(queue, microClock, settings);
    }

    /**
     * Shared by all processes on one Redis, where their queue is, too.
     *
     * @param queueBound how many messages a bot's queue holds
     */
    public static BroadcastStore onRedis(
            ScriptRunner redis, KeySpace keys, long queueBound, BroadcastSettings settings) {
        return new RedisBroadcastStore(redis, keys, queueBound, settings);
    }
}
