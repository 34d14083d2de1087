package dev.sluice.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.models.role.RedisNodeDescription;
import io.lettuce.core.protocol.ConnectionIntent;
import io.lettuce.core.protocol.RedisCommand;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** An open way to Redis: how to hand over a command, and which part of Redis a key belongs to. Thread-safe. */
sealed interface Link {

    /** The one shard of a Redis that is not a Cluster. */
    String WHOLE = "redis";

    void dispatch(RedisCommand<String, byte[], ?> command);

    /** Hands a command to one shard, whatever its keys. */
    void dispatch(RedisCommand<String, byte[], ?> command, String shard);

    String shardOf(String key);

    /** In the order of their first slots; never empty. */
    List<ScriptRunner.Shard> shards();

    /** Completes when the connection to the key's shard is ready for use; empty where there is nothing to wait for. */
    Optional<CompletableFuture<?>> opening(String key);

    boolean isOpen();

    /** Lets go of the connection without waiting. */
    void close();

    /** A single server, or the master that Sentinel names. */
    record Single(StatefulRedisConnection<String, byte[]> connection) implements Link {
        @Override
        public void dispatch(RedisCommand<String, byte[], ?> command) {
            connection.dispatch(command);
        }

        @Override
        public void dispatch(RedisCommand<String, byte[], ?> command, String shard) {
            connection.dispatch(command);
        }

        @Override
        public String shardOf(String key) {
            return WHOLE;
        }

        @Override
        public List<ScriptRunner.Shard> shards() {
            return List.of(ScriptRunner.Shard.WHOLE);
        }

        @Override
        public Optional<CompletableFuture<?>> opening(String key) {
            return Optional.empty();
        }

        @Override
        public boolean isOpen() {
            return connection.isOpen();
        }

        @Override
        public void close() {
            var unused = connection.closeAsync();
        }
    }

    /** A Cluster: one connection per master, opened when first needed. */
    record Clustered(StatefulRedisClusterConnection<String, byte[]> connection) implements Link {
        @Override
        public void dispatch(RedisCommand<String, byte[], ?> command) {
            connection.dispatch(command);
        }

        @Override
        public void dispatch(RedisCommand<String, byte[], ?> command, String shard) {
            RedisClusterNode node = connection.getPartitions().getPartitionByNodeId(shard);
            if (node == null || !node.getRole().isUpstream() || node.hasNoSlots()) {
                // A node that no key leads to any more cannot fail anybody: any other answers for it.
                connection.dispatch(command);
                return;
            }
            connectionTo(node).whenComplete((found, failure) -> {
                if (failure != null) {
                    command.completeExceptionally(failure);
                } else {
                    found.dispatch(command);
                }
            });
        }

        @Override
        public String shardOf(String key) {
            RedisClusterNode owner = ownerOf(key);
            return owner == null ? WHOLE : owner.getNodeId();
        }

        @Override
        public List<ScriptRunner.Shard> shards() {
            List<ScriptRunner.Shard> found = connection.getPartitions().stream()
                    .filter(node -> node.getRole().isUpstream() && !node.hasNoSlots())
                    .map(node -> node.getSlots().stream().min(Integer::compare).orElseThrow())
                    .sorted()
                    .map(slot -> new ScriptRunner.Shard(slot, SlotTags.of(slot)))
                    .toList();
            return found.isEmpty() ? List.of(ScriptRunner.Shard.WHOLE) : found;
        }

        @Override
        public Optional<CompletableFuture<?>> opening(String key) {
            RedisClusterNode owner = ownerOf(key);
            return owner == null ? Optional.empty() : Optional.of(connectionTo(owner));
        }

        @Override
        public boolean isOpen() {
            return connection.isOpen();
        }

        @Override
        public void close() {
            var unused = connection.closeAsync();
        }

        /** Opens the connections to all masters, so that no first command has to wait for one. */
        void openAll() {
            for (RedisClusterNode node : connection.getPartitions()) {
                if (node.getRole().isUpstream() && !node.hasNoSlots()) {
                    var unused = connectionTo(node);
                }
            }
        }

        private @Nullable RedisClusterNode ownerOf(String key) {
            return connection.getPartitions().getMasterBySlot(SlotHash.getSlot(key));
        }

        /** By host and port, as slots are resolved: by node id would be a second connection. */
        private CompletableFuture<StatefulRedisConnection<String, byte[]>> connectionTo(RedisNodeDescription node) {
            return connection.getConnectionAsync(
                    node.getUri().getHost(), node.getUri().getPort(), ConnectionIntent.WRITE);
        }
    }
}
