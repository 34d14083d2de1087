package dev.sluice.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.ClusterFixture;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisStore;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** All that a step reads and writes lies in one slot, and news reach every node. */
class RedisLocksOnClusterTest {
    private static final Duration NOT_HANGING = Duration.ofSeconds(30);

    @Test
    void locks_of_a_cluster_are_held_waited_for_and_fenced() throws Exception {
        try (var cluster = new ClusterFixture(3, 0);
                RedisStore store = RedisLocksTest.connect(cluster.uri())) {
            await().atMost(NOT_HANGING).until(store::isConnected);
            try (var leases = Leases.onRedis(store, store, KeySpace.DEFAULT, store, LockEvents.NONE);
                    var locks = new Locks(leases, new Random(4));
                    var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 6; i++) {
                    LockRequest request = LockRequest.of("lock " + i);
                    HeldLock first = LocksContract.acquired(locks.tryAcquire(request));
                    var second = threads.submit(() -> LocksContract.acquired(locks.acquire(request, NOT_HANGING)));
                    await().atMost(Duration.ofSeconds(30))
                            .until(() -> locks.look(request.name()).waiting() == 1);
                    assertThat(first.release()).isTrue();
                    try (HeldLock next = second.get(30, TimeUnit.SECONDS)) {
                        assertThat(next.fence()).isGreaterThan(first.fence());
                    }
                    Fences fences = Fences.onRedis(store, KeySpace.DEFAULT);
                    assertThat(fences.write("resource " + i, 2, new byte[1], NOT_HANGING))
                            .isTrue();
                    assertThat(fences.write("resource " + i, 1, new byte[1], NOT_HANGING))
                            .isFalse();
                }
            }
        }
    }
}
