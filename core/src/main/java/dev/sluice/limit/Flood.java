package dev.sluice.limit;

import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Telegram's 429, and what may be learned from it.
 *
 * @param chat who was told; empty for calls without a chat, which park all that is counted with it
 * @param retryAfter how long to stay away, more than zero; cut to {@link RateLimiter#LONGEST_PARK}, after which Telegram is asked again
 * @param ofAllChats where the call is counted over all chats: what is parked where there is no chat, or several were told
 * @param charges what the call was charged; nothing is learned if there are none, or of a chat not that chat's
 * @param admittedAt when it was admitted, in microseconds on the clock of whoever decided ({@link Decision.Allowed#at()}); of
 *     what was admitted by another clock nothing is learned
 */
public record Flood(
        BotId bot,
        Optional<ChatId> chat,
        Duration retryAfter,
        Bucket ofAllChats,
        List<Charge> charges,
        long admittedAt) {
    public Flood {
        retryAfter = retryAfter.compareTo(RateLimiter.LONGEST_PARK) > 0 ? RateLimiter.LONGEST_PARK : retryAfter;
        charges = List.copyOf(charges);
    }

    /** Of a call that is counted with all others of its bot. */
    public Flood(BotId bot, Optional<ChatId> chat, Duration retryAfter, List<Charge> charges, long admittedAt) {
        this(bot, chat, retryAfter, TelegramLimits.botBucket(bot), charges, admittedAt);
    }

    /** One that only parks. */
    public static Flood toldOnly(BotId bot, Optional<ChatId> chat, Duration retryAfter) {
        return new Flood(bot, chat, retryAfter, List.of(), 0);
    }

    /** What is parked at once: the chat's bucket, or that of all chats where there is no chat. */
    public Bucket parked() {
        return chat.map(id -> TelegramLimits.chatBucket(bot, id)).orElse(ofAllChats);
    }

    String name() {
        return Floods.name(bot, chat);
    }

    /** Of all chats' messages that it was charged to: in a lane of its own that one's, else the bot's; empty if nothing is to be learned. */
    Optional<Charge> ofAll() {
        if (chat.isPresent() && own("chat").isEmpty()) {
            return Optional.empty();
        }
        return charges.stream()
                .filter(charge -> charge.weight() > 0 && TelegramLimits.isOfAllChats(charge.bucket()))
                .findFirst();
    }

    /** Its own: {@code chat} or {@code group}. */
    Optional<Charge> own(String scope) {
        return charges.stream()
                .filter(charge -> charge.weight() > 0 && charge.bucket().scope().equals(scope))
                .findFirst();
    }
}
