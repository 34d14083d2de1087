package dev.sluice.execution;

import dev.sluice.delivery.ResultCodec;
import dev.sluice.idempotency.RedisIdempotencyGuard;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisStore;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A process that begins work under the key of its second argument, on the Redis of its first, says so, and never ends it. */
final class KilledWork {
    /** Longer than a busy machine keeps it from renewing it. */
    static final Duration LEASE = Duration.ofSeconds(2);

    static final String KIND = "killed";
    static final String BEGUN = "begun";

    private KilledWork() {}

    static ExecutionSettings settings(String key) {
        return (key.equals("at-least-once") ? ExecutionSettings.atLeastOnce() : ExecutionSettings.atMostOnce())
                .withLease(LEASE);
    }

    public static void main(String[] args) throws Exception {
        RedisStore store = RedisStore.connect(RedisFixture.patient(args[0]), RedisEvents.NONE);
        var guard = new RedisIdempotencyGuard(store, KeySpace.DEFAULT);
        var executor = IdempotentExecutor.of(KIND, guard, ResultCodec.TEXT, settings(args[1]))
                .open();
        executor.run(args[1], () -> {
            System.out.println(BEGUN);
            new CountDownLatch(1).await();
            return "never";
        });
    }
}
