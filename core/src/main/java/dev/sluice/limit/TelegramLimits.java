package dev.sluice.limit;

import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The limits that bind one bot's messages, and the buckets each message is charged to.
 *
 * @param bot over all its chats
 * @param paid over all its chats, instead of {@code bot}, for paid broadcasts
 * @param chat per chat
 * @param group per group or channel, besides {@code chat}
 * @param user per user that a message is meant for, off by default
 */
public record TelegramLimits(Limit bot, Limit paid, Limit chat, Limit group, Optional<Limit> user) {

    /** What Telegram documents for bots: 30 a second in bulk, 1 a second per chat, 20 a minute per group, 1000 paid. */
    public static final TelegramLimits DOCUMENTED = new TelegramLimits(
            Limit.atMost(30, Duration.ofSeconds(1)),
            Limit.atMost(1000, Duration.ofSeconds(1)),
            Limit.atMost(1, Duration.ofSeconds(1)),
            Limit.atMost(20, Duration.ofMinutes(1)),
            Optional.empty());

    /** The source documents' conservative preset: 20 a minute in every chat, and one a minute per user. */
    public static final TelegramLimits CONSERVATIVE = new TelegramLimits(
            DOCUMENTED.bot,
            DOCUMENTED.paid,
            Limit.atMost(20, Duration.ofMinutes(1)),
            DOCUMENTED.group,
            Optional.of(Limit.atMost(1, Duration.ofMinutes(1))));

    /** The source documents' limit on what one user may send to a bot: 10 a minute. */
    public static final Limit USER_MESSAGES = Limit.atMost(10, Duration.ofMinutes(1));

    /** The source documents' limit on payment attempts: 3 in 5 minutes. */
    public static final Limit PAYMENT_ATTEMPTS = Limit.atMost(3, Duration.ofMinutes(5));

    /** The source documents' limit on requests to an API: 100 a minute. */
    public static final Limit API_REQUESTS = Limit.atMost(100, Duration.ofMinutes(1));

    /** What binds the messages of VIPs: Telegram's limits, not the one per user, which is ours. */
    public TelegramLimits ofVips() {
        return user.isEmpty() ? this : new TelegramLimits(bot, paid, chat, group, Optional.empty());
    }

    /** The bucket of all of a bot's messages. */
    public static Bucket botBucket(BotId bot) {
        return new Bucket(bot.toString(), "bot", bot.toString());
    }

    /** The bucket of all of a bot's messages in the paid lane. */
    public static Bucket paidBucket(BotId bot) {
        return new Bucket(bot.toString(), "paid", bot.toString());
    }

    /** Whether messages of all chats are charged to it. */
    public static boolean isOfAllChats(Bucket bucket) {
        return bucket.scope().equals("bot") || bucket.scope().equals("paid");
    }

    /** The bucket of one chat's messages. */
    public static Bucket chatBucket(BotId bot, ChatId chat) {
        return new Bucket(bot.toString(), "chat", subject(chat));
    }

    /** The bucket of one group's messages, beside the chat's own. */
    public static Bucket groupBucket(BotId bot, ChatId chat) {
        return new Bucket(bot.toString(), "group", subject(chat));
    }

    /** What buckets of a chat are called for: numeric ids may stand in a key; a name or whatever else a caller wrote is digested. */
    public static String subject(ChatId chat) {
        return chat.isNumeric() ? chat.value() : "~" + chat.digest();
    }

    /**
     * What one message is charged to: its bot (or the paid lane), its chat, and its group or user.
     *
     * @param chat empty for a message without a chat, such as the edit of an inline message
     * @param cost in messages
     */
    public List<Charge> charges(BotId botId, Optional<ChatId> chat, int cost, boolean isPaid) {
        String tag = botId.toString();
        var charges = new ArrayList<Charge>(4);
        // In the paid lane the bot's own bucket is only asked whether it is parked.
        charges.add(new Charge(botBucket(botId), bot, isPaid ? 0 : cost));
        if (isPaid) {
            charges.add(new Charge(paidBucket(botId), paid, cost));
        }
        chat.ifPresent(id -> {
            charges.add(new Charge(chatBucket(botId, id), this.chat, cost));
            if (id.isGroup()) {
                charges.add(new Charge(groupBucket(botId, id), group, cost));
            } else {
                user.ifPresent(limit -> charges.add(new Charge(new Bucket(tag, "user", subject(id)), limit, cost)));
            }
        });
        return charges;
    }
}
