package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.BotId;
import java.util.ArrayList;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class InMemoryMessageQueueTest extends MessageQueueContract {
    @Override
    MessageQueue queue(Function<BotId, TelegramLimits> limitsOfBots, QueueSettings settings) {
        return MessageQueues.inMemory(
                clock, RateLimiters.inMemory(clock), limitsOfBots, settings, RandomGenerator.getDefault());
    }

    /** Nothing else tells the workers of what was not enqueued by their own process' gateway. */
    @Test
    void whoever_listens_hears_of_what_is_queued_resumed_or_put_back() {
        var heard = new ArrayList<BotId>();
        queue.listen(heard::add);

        add(ANN, "a");
        assertThat(heard).hasSize(1);
        queue.resume(BOT, new PauseScope.WholeBot());
        assertThat(heard).hasSize(2);
        queue.snapshots()
                .restore(BOT, queue.snapshots().read(BOT, Snapshots.START).messages());
        assertThat(heard).hasSize(3).containsOnly(BOT);
    }

    @Override
    void anotherProcess() {
        // there is only one
    }

    @Override
    void lose() {
        reopen(SETTINGS);
    }
}
