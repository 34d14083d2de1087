package dev.sluice.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.ResultCodec;
import dev.sluice.encryption.KeyRing;
import dev.sluice.idempotency.IdempotencyGuard;
import dev.sluice.idempotency.RedisIdempotencyGuard;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisIdempotentExecutorTest extends IdempotentExecutorContract {
    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner runner = redis.clockRunner();
    private final IdempotencyGuard guard = new RedisIdempotencyGuard(runner, KeySpace.DEFAULT);

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void every_key_has_a_ttl() {
        for (String key : redis.commands().keys("*")) {
            assertThat(redis.commands().pttl(key)).as(key).isPositive();
        }
    }

    @Override
    IdempotencyGuard guard() {
        return guard;
    }

    @Override
    void advance(Duration duration) {
        runner.advance(duration);
    }

    @Test
    void neither_keys_nor_sealed_results_can_be_read_in_redis() throws Exception {
        try (var executor = IdempotentExecutor.of("refund", guard, ResultCodec.TEXT, ExecutionSettings.atMostOnce())
                .sealer(KeyRing.random())
                .open()) {
            executor.run("ann@example.org", () -> "what was paid");
        }

        List<String> keys = redis.commands().keys("*");
        assertThat(keys)
                .singleElement()
                .satisfies(key -> assertThat(key).matches("sluice:idempotency:\\{work-([0-9a-f]{4})}:\\1[0-9a-f]{28}"));
        assertThat(new String(redis.commands().get(keys.getFirst()), StandardCharsets.ISO_8859_1))
                .doesNotContain("paid");
    }

    @Test
    void a_waiting_twin_of_another_process_gets_the_result() throws Exception {
        var other = new RedisIdempotencyGuard(runner, KeySpace.DEFAULT);
        try (var mine = IdempotentExecutor.of("refund", guard, ResultCodec.TEXT, ExecutionSettings.atMostOnce())
                        .open();
                var theirs = IdempotentExecutor.of("refund", other, ResultCodec.TEXT, ExecutionSettings.atMostOnce())
                        .open();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var started = new CountDownLatch(1);
            var go = new CountDownLatch(1);
            var first = threads.submit(() -> mine.run("a", () -> {
                started.countDown();
                go.await();
                return "paid";
            }));
            started.await();
            var twin = threads.submit(() -> theirs.run("a", () -> "again"));
            go.countDown();

            assertThat(first.get()).isEqualTo(new Execution.Ran<>("paid", true));
            assertThat(twin.get()).isEqualTo(new Execution.Replayed<>("paid"));
        }
    }
}
