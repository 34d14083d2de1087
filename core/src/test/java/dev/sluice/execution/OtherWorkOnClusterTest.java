package dev.sluice.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.delivery.ResultCodec;
import dev.sluice.event.DedupeWindow;
import dev.sluice.event.EventDeduplicator;
import dev.sluice.idempotency.RedisIdempotencyGuard;
import dev.sluice.redis.ClusterFixture;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On a Cluster of three masters keys of work lie on all of them, and each stream on one. */
class OtherWorkOnClusterTest {
    @Test
    void work_and_events_are_done_once_and_spread_over_all_masters() throws Exception {
        try (var cluster = new ClusterFixture(3, 0);
                var store = RedisStore.connect(RedisFixture.patient(cluster.uri()), RedisEvents.NONE);
                var executor = IdempotentExecutor.of(
                                "work",
                                new RedisIdempotencyGuard(store, KeySpace.DEFAULT),
                                ResultCodec.TEXT,
                                ExecutionSettings.atMostOnce())
                        .open()) {
            await().atMost(Duration.ofSeconds(20)).until(store::isConnected);
            var events = EventDeduplicator.onRedis(store, KeySpace.DEFAULT, DedupeWindow.DEFAULT);
            for (int i = 0; i < 60; i++) {
                String key = "key-" + i;
                assertThat(executor.run(key, () -> "first")).isEqualTo(new Execution.Ran<>("first", true));
                assertThat(executor.run(key, () -> "second")).isEqualTo(new Execution.Replayed<>("first"));
                assertThat(events.firstSeen("s" + i, List.of("a", "b")).cardinality())
                        .isEqualTo(2);
                assertThat(events.firstSeen("s" + i, List.of("a", "b")).cardinality())
                        .isZero();
            }
            for (int master = 0; master < 3; master++) {
                assertThat(cluster.node(master).keys("sluice:idempotency:*")).isNotEmpty();
                assertThat(cluster.node(master).keys("sluice:events:*")).isNotEmpty();
            }
        }
    }
}
