package dev.sluice.redis;

import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A real master with one replica under one sentinel, which promotes the replica half a second after the master fell silent. */
public final class SentinelFixture implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final RedisProcess master;
    private final RedisProcess replica;
    private final RedisProcess sentinel;

    /**
     * Starts them and waits until the replica has all and the sentinel knows it.
     *
     * @param directives of master and replica
     */
    public SentinelFixture(String... directives) {
        master = RedisFixture.start(directives);
        replica = RedisFixture.start(with(directives, "replicaof 127.0.0.1 " + master.port()));
        try (RedisClient client = RedisClient.create(replica.uri())) {
            var commands = client.connect().sync();
            await().atMost(PATIENCE).until(() -> commands.info("replication").contains("master_link_status:up"));
        }
        sentinel = RedisFixture.start(
                RedisProcess.Kind.SENTINEL,
                "sentinel monitor main 127.0.0.1 " + master.port() + " 1",
                "sentinel down-after-milliseconds main 500",
                "sentinel failover-timeout main 3000");
        try (RedisClient client = RedisClient.create(sentinel.uri())) {
            var commands =
                    client.connectSentinel(RedisURI.create(sentinel.uri())).sync();
            await().atMost(PATIENCE).until(() -> commands.replicas("main").size() == 1);
        }
    }

    private static String[] with(String[] directives, String another) {
        var all = new ArrayList<>(List.of(directives));
        all.add(another);
        return all.toArray(String[]::new);
    }

    public String uri() {
        return "redis-sentinel://127.0.0.1:" + sentinel.port() + "#main";
    }

    public RedisProcess master() {
        return master;
    }

    public RedisProcess replica() {
        return replica;
    }

    @Override
    public void close() {
        for (RedisProcess process : List.of(sentinel, replica, master)) {
            process.close();
        }
    }
}
