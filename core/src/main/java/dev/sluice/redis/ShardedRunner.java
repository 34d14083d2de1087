package dev.sluice.redis;

import java.time.Duration;
import java.util.List;

/** A runner that knows which of its parts fail together: the whole of a single Redis, or one master of a Cluster. */
public interface ShardedRunner extends ScriptRunner {

    @Override
    String shardOf(List<String> keys);

    /**
     * Asks one part for a sign of life.
     *
     * @return how long it took
     * @throws RedisUnavailableException if it does not answer within the deadline for decisions
     */
    Duration ping(String shard);
}
