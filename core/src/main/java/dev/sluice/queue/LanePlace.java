package dev.sluice.queue;

import dev.sluice.limit.Bucket;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;

/**
 * Where a call that waits in its own process stands among the messages queued for its chat: where a message of its priority
 * would stand that was accepted when the call came.
 *
 * @param chat the bucket of its chat, for which the lane is named
 * @param waited how long ago it came
 */
public record LanePlace(BotId bot, Bucket chat, Priority priority, Duration waited) {
    public LanePlace {
        if (waited.isNegative()) {
            throw new IllegalArgumentException("waited for less than no time: " + waited);
        }
    }

    public static LanePlace of(BotId bot, ChatId chat, Priority priority, Duration waited) {
        return new LanePlace(bot, TelegramLimits.chatBucket(bot, chat), priority, waited);
    }
}
