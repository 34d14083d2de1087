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
 * @param replies over all its chats, instead of {@code bot}, for messages that answer one; without it they are charged to {@code bot}
 * @param shadow whether they decide and hold nobody back: who would be denied passes uncharged. Parks hold all the same
 */
public record TelegramLimits(
        Limit bot, Limit paid, Limit chat, Limit group, Optional<Limit> user, Optional<Limit> replies, boolean shadow) {

    /** Enforced limits under which replies are messages like all others. */
    public TelegramLimits(Limit bot, Limit paid, Limit chat, Limit group, Optional<Limit> user) {
        this(bot, paid, chat, group, user, Optional.empty(), false);
    }

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
        return user.isEmpty() ? this : new TelegramLimits(bot, paid, chat, group, Optional.empty(), replies, shadow);
    }

    /** The same with another limit for replies, or none. */
    public TelegramLimits withReplies(Optional<Limit> limit) {
        return new TelegramLimits(bot, paid, chat, group, user, limit, shadow);
    }

    /** The same, holding nobody back or enforced. */
    public TelegramLimits inShadow(boolean on) {
        return new TelegramLimits(bot, paid, chat, group, user, replies, on);
    }

    /** The bucket of all of a bot's messages. */
    public static Bucket botBucket(BotId bot) {
        return new Bucket(bot.toString(), "bot", bot.toString());
    }

    /** The bucket of all of a bot's messages in the paid lane. */
    public static Bucket paidBucket(BotId bot) {
        return new Bucket(bot.toString(), "paid", bot.toString());
    }

    /** The bucket of all of a bot's replies, where they have a limit of their own. */
    public static Bucket repliesBucket(BotId bot) {
        return new Bucket(bot.toString(), "replies", bot.toString());
    }

    /** Whether messages of all chats are charged to it. */
    public static boolean isOfAllChats(Bucket bucket) {
        return switch (bucket.scope()) {
            case "bot", "paid", "replies" -> true;
            default -> false;
        };
    }

    /** Where messages of such a lane are counted over all chats. */
    public Bucket laneBucket(BotId bot, SendLane lane) {
        return switch (lane) {
            case BOT -> botBucket(bot);
            case PAID -> paidBucket(bot);
            case REPLIES -> replies.isPresent() ? repliesBucket(bot) : botBucket(bot);
        };
    }

    /** What is parked when several chats of such a lane are told 429 at once, or a call without a chat. */
    public Bucket floodedBucket(BotId bot, SendLane lane) {
        return lane == SendLane.REPLIES ? laneBucket(bot, lane) : botBucket(bot);
    }

    /** The limit of {@link #laneBucket}. */
    public Limit laneLimit(SendLane lane) {
        return switch (lane) {
            case BOT -> bot;
            case PAID -> paid;
            case REPLIES -> replies.orElse(bot);
        };
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

    /** What one message is charged to that is no reply. */
    public List<Charge> charges(BotId botId, Optional<ChatId> chat, int cost, boolean isPaid) {
        return charges(botId, chat, cost, SendLane.of(isPaid, false));
    }

    /**
     * What one message is charged to: its bot (or the lane it goes in), its chat, and its group or user.
     *
     * @param chat empty for a message without a chat, such as the edit of an inline message
     * @param cost in messages
     */
    public List<Charge> charges(BotId botId, Optional<ChatId> chat, int cost, SendLane lane) {
        String tag = botId.toString();
        var charges = new ArrayList<Charge>(4);
        Bucket ofLane = laneBucket(botId, lane);
        boolean apart = !ofLane.equals(botBucket(botId));
        // In a lane of its own the bot's own bucket is only asked whether it is parked.
        charges.add(new Charge(botBucket(botId), bot, apart ? 0 : cost));
        if (apart) {
            charges.add(new Charge(ofLane, laneLimit(lane), cost));
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
