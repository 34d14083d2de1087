package dev.sluice.namedlimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.Breaker;
import dev.sluice.redis.ClusterFixture;
import dev.sluice.redis.GuardedRunner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** All that a decision reads and writes lies in one slot. */
class RedisNamedLimitsOnClusterTest {
    @Test
    void a_cluster_decides_shows_and_lists_named_limits() {
        NamedLimit three = NamedLimit.atMost("payments", 3, Duration.ofMinutes(1));
        Use pay = Use.of("payments").by("42");
        try (var cluster = new ClusterFixture(3, 0);
                var store = RedisStore.connect(RedisFixture.patient(cluster.uri()), RedisEvents.NONE);
                var guarded = new GuardedRunner(store, Breaker.Settings.DEFAULT, RedisEvents.NONE)) {
            await().atMost(Duration.ofSeconds(20)).until(store::isConnected);
            NamedLimits limits = NamedLimits.onRedis(guarded, KeySpace.DEFAULT);
            limits.define(three);
            limits.define(NamedLimit.smooth("api", 100, Duration.ofMinutes(1), 5));

            assertThat(limits.acquire(pay.weighing(3)).remaining()).isZero();
            assertThat(limits.acquire(pay)).isInstanceOf(Passage.Denied.class);
            assertThat(limits.acquire(Use.of("api")).passes()).isTrue();
            assertThat(limits.usage(pay).used()).isEqualTo(3);
            assertThat(limits.list()).hasSize(2).contains(three);
            assertThat(limits.remove("payments")).isTrue();
        }
    }
}
