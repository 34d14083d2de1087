package dev.sluice.redis;

import static dev.sluice.redis.TestScripts.count;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A master with one replica under one sentinel. */
class RedisSentinelTest {
    private static final Duration NOT_HANGING = Duration.ofSeconds(20);

    private RedisProcess master;
    private RedisProcess replica;
    private RedisProcess sentinel;
    private RedisStore store;

    @BeforeEach
    void start() {
        master = RedisFixture.start();
        replica = RedisFixture.start("replicaof 127.0.0.1 " + master.port());
        try (RedisClient client = RedisClient.create(replica.uri())) {
            var commands = client.connect().sync();
            await().atMost(NOT_HANGING).until(() -> commands.info("replication").contains("master_link_status:up"));
        }
        sentinel = RedisFixture.start(
                RedisProcess.Kind.SENTINEL,
                "sentinel monitor main 127.0.0.1 " + master.port() + " 1",
                "sentinel down-after-milliseconds main 500",
                "sentinel failover-timeout main 3000");
        try (RedisClient client = RedisClient.create(sentinel.uri())) {
            var commands =
                    client.connectSentinel(RedisURI.create(sentinel.uri())).sync();
            await().atMost(NOT_HANGING).until(() -> commands.replicas("main").size() == 1);
        }
        RedisSettings settings = RedisSettings.parse("redis-sentinel://127.0.0.1:" + sentinel.port() + "#main")
                .withCommandTimeout(Duration.ofMillis(300));
        store = RedisStore.connect(settings, RedisEvents.NONE, new RedisStore.Bounds(100, Duration.ofSeconds(1)));
        await().atMost(NOT_HANGING).until(() -> count(store, "k") > 0);
        assertThat(store.info().mode()).isEqualTo("sentinel");
    }

    @AfterEach
    void stop() {
        store.close();
        for (RedisProcess process : List.of(sentinel, replica, master)) {
            process.close();
        }
    }

    @Test
    void after_a_failover_scripts_run_on_the_new_master() {
        master.kill();

        awaitServiceBy(replica);
    }

    /** Its connections stay open and silent, so nobody is told to look for another master. */
    @Test
    void a_frozen_master_is_left_for_the_new_one() {
        master.freeze();

        awaitServiceBy(replica);
    }

    private void awaitServiceBy(RedisProcess expected) {
        await().atMost(NOT_HANGING).ignoreExceptions().until(() -> count(store, "after") > 0);
        try (RedisClient client = RedisClient.create(expected.uri())) {
            assertThat(client.connect().sync().get("after")).isNotNull();
        }
    }
}
