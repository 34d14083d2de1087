package dev.sluice.queue;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.util.List;

/**
 * A queue's messages as they can be put into another store, or into the same one after it has lost them. Thread-safe. On Redis
 * every method throws {@link RedisUnavailableException} when it does not answer.
 *
 * <p>A message keeps its id, and with it its place among those of its chat, so the order in which messages are restored means
 * nothing, and to restore one again changes nothing while it is remembered. Pauses, counters and places in line are
 * not part of it.
 *
 * <p>Failure windows: what is accepted, ends or is leased while it is read may be read as it was before or after, and what
 * joined after the reading began may be missing. A message that was sent and forgotten since it was read is sent again when it
 * is restored: restore within {@link QueueSettings#keep} of the reading, or into a store that is empty.
 */
public interface Snapshots {
    /** Where reading begins. */
    String START = "0";

    /** What one step reads at most, if more than one message. */
    int STEP_BYTES = 1 << 20;

    /** How many messages one call restores. */
    int MOST_RESTORED = 100;

    /**
     * Reads some messages, in no order; one may come twice. Of messages that have ended only those with a key.
     *
     * @param cursor {@link #START}, or where an earlier page says to go on
     */
    SnapshotPage read(BotId bot, String cursor);

    /**
     * Puts messages back, each for itself.
     *
     * @param messages up to {@link #MOST_RESTORED}, all of this bot
     * @return what became of each, in order
     */
    List<Restored> restore(BotId bot, List<SavedMessage> messages);
}
