package dev.sluice.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.SentinelFixture;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A failover: what the replica has heard of holds, what it has not is told, and only the fence keeps late writes out. */
@Timeout(120)
class RedisLocksOnSentinelTest {
    private static final Duration NOT_HANGING = Duration.ofSeconds(30);
    private static final LockRequest LONG = LockRequest.of("replicated").withLease(Duration.ofMinutes(1));

    @Test
    void a_lock_outlives_the_master_is_waited_for_and_followed_by_a_greater_fence() throws Exception {
        try (var redis = new SentinelFixture();
                var store = RedisStore.connect(
                        RedisSettings.parse(redis.uri()).withCommandTimeout(Duration.ofSeconds(2)), RedisEvents.NONE);
                var leases = Leases.onRedis(store, store, KeySpace.DEFAULT, store, LockEvents.NONE);
                var locks = new Locks(leases, new Random(5));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Fences fences = Fences.onRedis(store, KeySpace.DEFAULT);
            await().atMost(NOT_HANGING).until(store::isConnected);
            HeldLock first = LocksContract.acquired(locks.tryAcquire(LONG));
            var second = threads.submit(() -> LocksContract.acquired(locks.acquire(LONG, NOT_HANGING)));
            await().atMost(NOT_HANGING).until(() -> locks.look(LONG.name()).waiting() == 1);
            var told = new CountDownLatch(1);
            HeldLock lost = LocksContract.acquired(locks.tryAcquire(LockRequest.of("not replicated")
                    .withLease(Lease.SHORTEST.multipliedBy(10))
                    .onLost(told::countDown)));
            String keyOfLost = lost.name().keys(KeySpace.DEFAULT).getFirst();
            try (RedisClient client = RedisClient.create(redis.replica().uri())) {
                RedisCommands<String, String> replica = client.connect().sync();
                // What is taken last comes there last.
                await().atMost(NOT_HANGING).until(() -> replica.exists(keyOfLost) == 1);

                redis.master().kill();

                await().atMost(NOT_HANGING)
                        .ignoreExceptions()
                        .until(() -> locks.look(LONG.name()).held());
                assertThat(first.isHeld()).isTrue();
                // As if it had not come there.
                assertThat(replica.del(keyOfLost)).isEqualTo(1);
            }
            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
            HeldLock next = LocksContract.acquired(locks.acquire(LockRequest.of("not replicated"), NOT_HANGING));
            assertThat(fences.write("report", next.fence(), new byte[1], NOT_HANGING))
                    .isTrue();
            assertThat(fences.write("report", lost.fence(), new byte[1], NOT_HANGING))
                    .as("late")
                    .isFalse();
            assertThat(first.release()).isTrue();
            try (HeldLock followed = second.get(30, TimeUnit.SECONDS)) {
                assertThat(followed.fence()).isGreaterThan(first.fence());
            }
            next.close();
        }
    }
}
