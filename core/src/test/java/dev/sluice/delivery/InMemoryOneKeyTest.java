package dev.sluice.delivery;

import dev.sluice.limit.LocalRateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.queue.LocalMessageQueue;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.QueueSettings;
import java.util.Random;

class InMemoryOneKeyTest extends OneKeyContract {
    private final LocalRateLimiter limiter = RateLimiters.inMemory(clock);
    private LocalMessageQueue queue = newQueue();

    private LocalMessageQueue newQueue() {
        return MessageQueues.inMemory(clock, limiter, bot -> LIMITS, QueueSettings.DEFAULT, new Random(7));
    }

    @Override
    Admission admission() {
        return new InMemoryAdmission(limiter, queue, scope -> {});
    }

    @Override
    MessageQueue queue() {
        return queue;
    }

    @Override
    void lose() {
        queue = newQueue();
        open();
    }
}
