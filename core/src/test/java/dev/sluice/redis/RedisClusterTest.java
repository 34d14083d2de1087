package dev.sluice.redis;

import static dev.sluice.redis.TestScripts.COUNT;
import static dev.sluice.redis.TestScripts.count;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.RedisUnavailableException.Reason;
import io.lettuce.core.cluster.SlotHash;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A Cluster of three masters, the first with a replica. The order matters only for the last test, which kills a master. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RedisClusterTest {
    private static final Duration NOT_HANGING = Duration.ofSeconds(20);

    private static ClusterFixture cluster;
    private static RedisStore store;

    @BeforeAll
    static void start() {
        cluster = new ClusterFixture(3, 1);
        RedisSettings settings = RedisSettings.parse(cluster.uri()).withCommandTimeout(Duration.ofSeconds(2));
        store = RedisStore.connect(settings, RedisEvents.NONE);
        await().atMost(NOT_HANGING).until(store::isConnected);
    }

    @AfterAll
    static void stop() {
        store.close();
        cluster.close();
    }

    @Test
    void the_first_command_to_every_master_succeeds_and_teaches_it_the_script() {
        for (int i = 0; i < 3; i++) {
            assertThat(count(store, cluster.keyOf(i))).isEqualTo(1);
            assertThat(cluster.node(i).scriptExists(COUNT.sha1())).containsExactly(true);
        }
    }

    @Test
    void each_master_is_a_shard_that_can_be_pinged() {
        for (int i = 0; i < 3; i++) {
            String shard = store.shardOf(List.of(cluster.keyOf(i)));
            assertThat(shard).isEqualTo(cluster.id(i));
            assertThat(store.ping(shard)).isPositive();
        }
        assertThat(store.ping()).isPositive();
        assertThat(store.ping("a node that left")).isPositive();
    }

    @Test
    void info_says_that_it_is_a_cluster() {
        assertThat(store.info().mode()).isEqualTo("cluster");
    }

    @Test
    void a_slot_on_the_move_is_followed_and_each_script_runs_once() {
        String key = "moving";
        int slot = SlotHash.getSlot(key);
        int from = slot * 3 / SlotHash.SLOT_COUNT;
        int to = (from + 1) % 3;
        cluster.node(to).clusterSetSlotImporting(slot, cluster.id(from));
        cluster.node(from).clusterSetSlotMigrating(slot, cluster.id(to));

        assertThat(count(store, key)).as("by ASK").isEqualTo(1);

        for (int i = 0; i < 3; i++) {
            cluster.node(i).clusterSetSlotNode(slot, cluster.id(to));
        }
        assertThat(count(store, key)).as("by MOVED").isEqualTo(2);
        assertThat(cluster.node(to).get(key)).isEqualTo("2");
    }

    @Test
    void a_script_of_whose_keys_some_have_moved_waits_for_the_slot_and_runs_once() throws Exception {
        List<String> keys = List.of("{several}:counted", "{several}:never there");
        int from = cluster.masterOf(keys.getFirst());
        int to = (from + 1) % 3;
        store.run(COUNT, keys, List.of());
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var amid = new CompletableFuture<Future<ScriptReply>>();
            cluster.move(keys.getFirst(), from, to, () -> {
                amid.complete(callers.submit(() -> store.run(COUNT, keys, List.of(), NOT_HANGING)));
                await().atMost(NOT_HANGING)
                        .until(() -> Stream.of(from, to)
                                .anyMatch(node ->
                                        cluster.node(node).info("errorstats").contains("TRYAGAIN")));
            });

            assertThat(amid.join().get(20, TimeUnit.SECONDS).number(0)).isEqualTo(2);
        }
    }

    @Test
    void a_single_node_of_a_cluster_is_refused_with_the_cure() {
        RedisSettings single = RedisFixture.patient(cluster.process(0).uri());

        assertThatThrownBy(() -> RedisStore.connect(single, RedisEvents.NONE))
                .isInstanceOf(RedisConfigurationException.class)
                .hasMessageContaining("separated by commas");
    }

    @Test
    void single_servers_addressed_as_a_cluster_are_refused() {
        int port = RedisFixture.shared().port();
        RedisSettings notACluster = RedisFixture.patient("redis://127.0.0.1:" + port + ",127.0.0.1:" + port);

        assertThatThrownBy(() -> RedisStore.connect(notACluster, RedisEvents.NONE))
                .isInstanceOf(RedisConfigurationException.class)
                .hasMessageContaining("cluster support disabled");
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void when_a_master_dies_only_its_keys_are_unavailable_until_its_replica_takes_over() {
        var runner = new GuardedRunner(store, Breaker.Settings.DEFAULT, RedisEvents.NONE);
        String lost = cluster.keyOf(0);
        String kept = cluster.keyOf(1);
        await().atMost(NOT_HANGING).until(() -> count(runner, lost) > 0 && count(runner, kept) > 0);

        cluster.process(0).kill();
        await().atMost(NOT_HANGING).pollInterval(Duration.ofMillis(20)).until(() -> {
            assertThat(count(runner, kept)).isPositive();
            return reasonFor(runner, lost) == Reason.BREAKER_OPEN;
        });

        await().atMost(NOT_HANGING).pollInterval(Duration.ofMillis(50)).until(() -> {
            assertThat(count(runner, kept)).isPositive();
            return reasonFor(runner, lost) == null;
        });
        await().atMost(NOT_HANGING).until(runner::isClosed);
        runner.close();
    }

    private static @Nullable Reason reasonFor(ScriptRunner runner, String key) {
        try {
            count(runner, key);
            return null;
        } catch (RedisUnavailableException e) {
            return e.reason();
        }
    }
}
