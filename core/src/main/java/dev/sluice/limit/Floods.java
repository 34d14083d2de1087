package dev.sluice.limit;

import dev.sluice.redis.KeySpace;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.Optional;

/** Telegram's 429: one says nothing about the bot, several chats that are told so at once do. */
public final class Floods {
    /** How many chats must be told 429 within {@link #COUNT_FOR} for the bot itself to be over its limit. */
    public static final int THAT_PARK_THE_BOT = 3;

    public static final Duration COUNT_FOR = Duration.ofSeconds(1);

    private Floods() {}

    /**
     * What came of one.
     *
     * @param bot whether the whole bot is parked now
     * @param lowered the bucket whose pace was lowered, if any was
     */
    public record Told(boolean bot, Optional<Bucket> lowered) {
        /** Of the bucket whose pace was lowered: {@code bot}, for the paid lane, too, {@code chat} or {@code group}. */
        public Optional<String> scope() {
            return lowered.map(bucket -> TelegramLimits.isOfAllChats(bucket) ? "bot" : bucket.scope());
        }
    }

    /** Names a flood among the recent ones of its bot. */
    static String name(BotId bot, Optional<ChatId> chat) {
        return chat.map(id -> TelegramLimits.chatBucket(bot, id).subject()).orElse("-");
    }

    /** Where the recent floods are of those that are counted there over all chats: replies that have a limit of their own count apart. */
    static String key(Bucket ofAllChats, KeySpace keys) {
        return keys.key(
                "rate_limit", ofAllChats.tag(), ofAllChats.scope().equals("replies") ? "floods:replies" : "floods");
    }
}
