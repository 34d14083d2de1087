package dev.sluice.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.ResultCodec;
import dev.sluice.execution.Execution.InProgress;
import dev.sluice.execution.Execution.Ran;
import dev.sluice.execution.Execution.Unknown;
import dev.sluice.idempotency.RedisIdempotencyGuard;
import dev.sluice.redis.ChildJvm;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real process is killed amid its work: within its lease nobody does it, and after that as was promised. */
@Timeout(120)
class KilledExecutorTest {
    private final SharedRedis redis = RedisFixture.shared();

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @Test
    void at_least_once_the_work_of_a_killed_process_is_done_again_once_its_lease_is_over() throws Exception {
        killAmidWork("at-least-once");

        assertThat(run("at-least-once", Duration.ofSeconds(60))).isEqualTo(new Ran<>("done", true));
    }

    @Test
    void at_most_once_the_work_of_a_killed_process_is_unknown_once_its_lease_is_over() throws Exception {
        killAmidWork("at-most-once");

        assertThat(run("at-most-once", Duration.ofSeconds(60))).isEqualTo(new Unknown<>());
    }

    private void killAmidWork(String key) throws Exception {
        Process working = ChildJvm.start(KilledWork.class, redis.uri(), key);
        try (var said = working.inputReader()) {
            assertThat(said.lines().anyMatch(KilledWork.BEGUN::equals)).isTrue();
            assertThat(run(key, Duration.ZERO)).as("while it lives").isInstanceOf(InProgress.class);
        } finally {
            working.destroyForcibly();
            assertThat(working.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private Execution<String> run(String key, Duration wait) throws InterruptedException {
        var guard = new RedisIdempotencyGuard(redis.runner(), KeySpace.DEFAULT);
        var settings = KilledWork.settings(key).withMaxWait(wait);
        try (var executor = IdempotentExecutor.of(KilledWork.KIND, guard, ResultCodec.TEXT, settings)
                .open()) {
            return executor.run(key, () -> "done");
        }
    }
}
