package dev.sluice.redis;

import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.cluster.SlotHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A real Redis Cluster on this machine, formed by CLUSTER commands; the first master may have replicas. */
public final class ClusterFixture implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<RedisProcess> processes = new ArrayList<>();
    private final RedisClient client = RedisClient.create();
    private final List<RedisCommands<String, String>> nodes = new ArrayList<>();
    private final int masters;

    /**
     * Starts it and waits until every node finds it complete.
     *
     * @param masters how many share the slots evenly, in order
     * @param replicas how many replicas the first master has
     */
    public ClusterFixture(int masters, int replicas) {
        this.masters = masters;
        for (int i = 0; i < masters + replicas; i++) {
            RedisProcess process = RedisFixture.start(
                    "cluster-enabled yes", "cluster-node-timeout 1000", "cluster-require-full-coverage no");
            processes.add(process);
            nodes.add(client.connect(RedisURI.create(process.uri())).sync());
        }
        for (int i = 0; i < masters; i++) {
            int first = SlotHash.SLOT_COUNT * i / masters;
            int after = SlotHash.SLOT_COUNT * (i + 1) / masters;
            node(i).clusterAddSlots(IntStream.range(first, after).toArray());
        }
        // Everyone meets everyone: waiting for gossip to spread takes seconds.
        for (RedisCommands<String, String> node : nodes) {
            processes.forEach(other -> node.clusterMeet("127.0.0.1", other.port()));
        }
        await().atMost(PATIENCE).until(() -> nodes.stream().allMatch(this::knowsAll));
        for (int i = masters; i < nodes.size(); i++) {
            node(i).clusterReplicate(id(0));
        }
        await().atMost(PATIENCE).until(() -> nodes.stream().allMatch(this::seesReplicas));
        // A replica without data is never elected.
        await().atMost(PATIENCE)
                .until(() -> nodes.stream()
                        .skip(masters)
                        .allMatch(replica -> replica.info("replication").contains("master_link_status:up")));
    }

    /** All masters' addresses, as one URL. */
    public String uri() {
        return processes.stream()
                .limit(masters)
                .map(process -> "127.0.0.1:" + process.port())
                .collect(Collectors.joining(",", "redis://", ""));
    }

    public RedisProcess process(int index) {
        return processes.get(index);
    }

    public RedisCommands<String, String> node(int index) {
        return nodes.get(index);
    }

    public String id(int index) {
        return node(index).clusterMyId();
    }

    /** A key that belongs to the master at {@code index}, as long as no slot has moved. */
    public String keyOf(int index) {
        return IntStream.range(0, 10_000)
                .mapToObj(i -> "k" + i)
                .filter(key -> SlotHash.getSlot(key) * masters / SlotHash.SLOT_COUNT == index)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        processes.forEach(RedisProcess::close);
    }

    private boolean knowsAll(RedisCommands<String, String> node) {
        String info = node.clusterInfo();
        return info.contains("cluster_state:ok")
                && info.contains("cluster_slots_ok:" + SlotHash.SLOT_COUNT)
                && info.contains("cluster_size:" + masters)
                && info.contains("cluster_known_nodes:" + processes.size());
    }

    private boolean seesReplicas(RedisCommands<String, String> node) {
        return node.clusterNodes()
                        .lines()
                        .filter(line -> line.contains("slave "))
                        .count()
                == processes.size() - masters;
    }
}
