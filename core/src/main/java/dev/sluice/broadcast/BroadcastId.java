package dev.sluice.broadcast;

import dev.sluice.queue.MessageId;
import dev.sluice.telegram.BotId;
import java.util.Optional;

/**
 * Names one broadcast, in the form of a {@link MessageId}: {@code 123456-1iq3hbv8g00}.
 *
 * @param bot whose it is
 * @param number microseconds since the epoch, or the next that is free
 */
public record BroadcastId(BotId bot, long number) {
    public BroadcastId {
        number = new MessageId(bot, number).number(); // of the same range
    }

    /** The id in {@code text}, or empty if it has not the form of one. */
    public static Optional<BroadcastId> parse(String text) {
        return MessageId.parse(text).map(id -> new BroadcastId(id.bot(), id.number()));
    }

    @Override
    public String toString() {
        return new MessageId(bot, number).toString();
    }
}
