package dev.sluice.delivery;

import dev.sluice.encryption.Sealer;
import dev.sluice.limit.LocalRateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.LocalMessageQueue;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.QueueSettings;
import java.util.Random;
import java.util.function.LongSupplier;

class InMemoryOneOrderTest extends OneOrderContract {
    private static final LongSupplier MICROS = () -> System.nanoTime() / 1_000;

    private final LocalRateLimiter limiter = RateLimiters.inMemory(MICROS);
    private final LocalMessageQueue queue =
            MessageQueues.inMemory(MICROS, limiter, bot -> ONE_A_SECOND, QueueSettings.DEFAULT, new Random(7));
    private final InMemoryAdmission shared = new InMemoryAdmission(limiter, queue, scope -> {});

    @Override
    Deliveries.Closeable newPipeline(DeliverySettings settings) {
        return new Pipeline(shared, settings, DeliveryEvents.NONE, Deliveries.newProcess(), new Random(7), Sealer.NONE);
    }

    @Override
    MessageQueue newQueue(TelegramLimits limits) {
        return queue;
    }
}
