package dev.sluice.redis;

import static org.awaitility.Awaitility.await;

import io.lettuce.core.MigrateArgs;
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

    /** A node that a busy machine kept silent for less than this is taken for dead by nobody. */
    private static final Duration SHORT = Duration.ofSeconds(2);

    /** Where nobody would take over from it. */
    private static final Duration LONG = Duration.ofSeconds(15);

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
                    "cluster-enabled yes",
                    "cluster-node-timeout " + (replicas == 0 ? LONG : SHORT).toMillis(),
                    "cluster-require-full-coverage no");
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

    /** The master that a key belongs to, as long as no slot has moved. */
    public int masterOf(String key) {
        return SlotHash.getSlot(key) * masters / SlotHash.SLOT_COUNT;
    }

    /**
     * Moves the slot of a key from one master to another, one key after the other, as operators do.
     *
     * @param halfWay what is done when some of its keys have moved and others have not
     */
    public void move(String key, int from, int to, Runnable halfWay) {
        int slot = SlotHash.getSlot(key);
        node(to).clusterSetSlotImporting(slot, id(from));
        node(from).clusterSetSlotMigrating(slot, id(to));
        long half = node(from).clusterCountKeysInSlot(slot) / 2;
        boolean isHalfWay = false;
        for (var keys = keysOf(from, slot); !keys.isEmpty(); keys = keysOf(from, slot)) {
            node(from).migrate("127.0.0.1", process(to).port(), 0, PATIENCE.toMillis(), MigrateArgs.Builder.keys(keys));
            if (!isHalfWay && node(from).clusterCountKeysInSlot(slot) <= half) {
                isHalfWay = true;
                halfWay.run();
            }
        }
        // The new owner first, so that no key is ever nobody's.
        node(to).clusterSetSlotNode(slot, id(to));
        node(from).clusterSetSlotNode(slot, id(to));
        for (int i = 0; i < masters; i++) {
            if (i != from && i != to) {
                node(i).clusterSetSlotNode(slot, id(to));
            }
        }
    }

    private List<String> keysOf(int index, int slot) {
        return node(index).clusterGetKeysInSlot(slot, 10);
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
