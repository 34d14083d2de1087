package dev.sluice.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.RateLimiters;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.QueueSettings;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class InMemoryBroadcastStoreTest extends BroadcastStoreContract {
    @Override
    MessageQueue queue(QueueSettings settings) {
        return MessageQueues.inMemory(
                clock, RateLimiters.inMemory(clock), bot -> NO_LIMITS, settings, RandomGenerator.getDefault());
    }

    @Override
    BroadcastStore store(MessageQueue itsQueue, QueueSettings queueSettings, BroadcastSettings settings) {
        return Broadcasts.inMemory(itsQueue, clock, settings);
    }

    @Test
    void what_has_ended_and_drafts_without_a_chunk_are_forgotten() {
        BroadcastId ended = running(1);
        drain(ended);
        BroadcastId draft = draft(1);

        clock.advance(SETTINGS.draft());
        assertThat(store.add(draft, 1, bytes("late"))).isFalse();

        clock.advance(SETTINGS.keep());
        assertThat(store.find(ended)).isEmpty();
    }
}
