package dev.sluice.execution;

import dev.sluice.idempotency.IdempotencyGuard;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import dev.sluice.limit.SettableMicros;
import java.time.Duration;

class InMemoryIdempotentExecutorTest extends IdempotentExecutorContract {
    private final SettableMicros clock = new SettableMicros();
    private final IdempotencyGuard guard = new InMemoryIdempotencyGuard(clock);

    @Override
    IdempotencyGuard guard() {
        return guard;
    }

    @Override
    void advance(Duration duration) {
        clock.advance(duration);
    }
}
