package dev.sluice.delivery;

import dev.sluice.encryption.Sealer;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import dev.sluice.limit.RateLimiters;
import java.util.Random;
import java.util.function.LongSupplier;

class InMemoryDeliveryTest extends DeliveryContract {
    private static final LongSupplier MICROS = () -> System.nanoTime() / 1_000;

    private final InMemoryAdmission shared =
            new InMemoryAdmission(new InMemoryIdempotencyGuard(MICROS), RateLimiters.inMemory(MICROS), scope -> {});

    @Override
    Deliveries.Closeable newPipeline(DeliverySettings settings) {
        return new Pipeline(shared, settings, DeliveryEvents.NONE, Deliveries.newProcess(), new Random(7), Sealer.NONE);
    }
}
