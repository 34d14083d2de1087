package dev.sluice.queue;

import dev.sluice.telegram.BotId;
import java.util.List;
import java.util.function.Function;

/** What both backends demand of one call. */
final class Batch {
    private Batch() {}

    /** @throws IllegalArgumentException if a call names more than {@link MessageQueue#MAX_BATCH} */
    static void require(int size) {
        if (size > MessageQueue.MAX_BATCH) {
            throw new IllegalArgumentException("a batch is at most " + MessageQueue.MAX_BATCH + ", not " + size);
        }
    }

    /** The same for a claim, which takes one at least. */
    static void requireClaim(int max) {
        if (max < 1) {
            throw new IllegalArgumentException("a claim takes 1 message or more, not " + max);
        }
        require(max);
    }

    /** The same for what names messages, all of one bot. */
    static <T> void require(BotId bot, List<T> named, Function<T, Lease> lease) {
        require(named.size());
        for (T one : named) {
            MessageId id = lease.apply(one).id();
            if (!id.bot().equals(bot)) {
                throw new IllegalArgumentException("message " + id + " is not of bot " + bot);
            }
        }
    }

    /** The same for what is restored, all of one bot and each once. */
    static void requireRestored(BotId bot, List<SavedMessage> messages) {
        if (messages.size() > Snapshots.MOST_RESTORED) {
            throw new IllegalArgumentException(
                    "at most " + Snapshots.MOST_RESTORED + " messages are restored at once, not " + messages.size());
        }
        for (SavedMessage message : messages) {
            if (!message.id().bot().equals(bot)) {
                throw new IllegalArgumentException("message " + message.id() + " is not of bot " + bot);
            }
        }
    }
}
