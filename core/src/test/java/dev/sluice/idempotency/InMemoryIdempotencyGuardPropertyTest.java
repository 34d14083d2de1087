package dev.sluice.idempotency;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

class InMemoryIdempotencyGuardPropertyTest extends IdempotencyGuardProperties {
    private final AtomicLong microClock = new AtomicLong();
    private final InMemoryIdempotencyGuard guard = new InMemoryIdempotencyGuard(microClock::get);

    @Override
    IdempotencyGuard guard() {
        return guard;
    }

    @Override
    void advance(Duration duration) {
        microClock.addAndGet(Spans.micros(duration));
    }
}
