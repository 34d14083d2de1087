package dev.sluice.idempotency;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.TestClockRunner;
import java.time.Duration;

class RedisIdempotencyGuardPropertyTest extends IdempotencyGuardProperties {
    private final TestClockRunner runner = RedisFixture.shared().clockRunner().withLongerTtls();
    private final RedisIdempotencyGuard guard = new RedisIdempotencyGuard(runner, KeySpace.DEFAULT);

    @Override
    IdempotencyGuard guard() {
        return guard;
    }

    @Override
    void advance(Duration duration) {
        runner.advance(duration);
    }
}
