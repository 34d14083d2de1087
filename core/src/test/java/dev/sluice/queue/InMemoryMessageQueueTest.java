package dev.sluice.queue;

import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.BotId;
import java.util.function.Function;
import java.util.random.RandomGenerator;

class InMemoryMessageQueueTest extends MessageQueueContract {
    @Override
    MessageQueue queue(Function<BotId, TelegramLimits> limitsOfBots, QueueSettings settings) {
        return MessageQueues.inMemory(
                clock, RateLimiters.inMemory(clock), limitsOfBots, settings, RandomGenerator.getDefault());
    }

    @Override
    void lose() {
        reopen(SETTINGS);
    }
}
