package dev.sluice.benchmarks;

import dev.sluice.delivery.OutboundCall;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.ClaimRequest.Abandoned;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Sends as a busy installation sees them: many bots, each within its limits, so that buckets are half full and nearly all
 * calls pass. A denial does less work than a pass, so a workload of denials would flatter.
 */
final class Workload {
    static final int BOTS = 2_000;
    private static final int CHATS_OF_A_BOT = 100_000;
    private static final int GROUPS_OF_A_BOT = 10;
    private static final int USERS_OF_A_BOT = 10;

    private static final int CHATS_OF_A_BUSY_BOT = 1_000_000;
    private static final int GROUPS_OF_A_BUSY_BOT = 30_000;
    private static final int USERS_OF_A_BUSY_BOT = 30_000;

    static final Limit PER_BOT = TelegramLimits.DOCUMENTED.bot();
    static final Limit PER_BUSY_BOT = Limit.smooth(10_000, Duration.ofNanos(100_000));
    static final Limit PER_CHAT = TelegramLimits.DOCUMENTED.chat();
    static final Limit PER_GROUP = TelegramLimits.DOCUMENTED.group();
    static final Limit PER_USER = Limit.atMost(20, Duration.ofMinutes(1));

    /** Ten million a second. */
    static final Limit OUT_OF_REACH = Limit.atMost(10_000, Duration.ofMillis(1));

    private static final Bucket HOT_BOT = new Bucket("1000000", "bot", "1000000");

    private static final Duration LEASE = Duration.ofSeconds(5);
    private static final Duration KEEP = Duration.ofSeconds(60);
    private static final Fingerprint CONTENT = Fingerprint.of(new byte[] {1});
    private static final Method SEND_MESSAGE = new Method("sendMessage");

    private Workload() {}

    /** One decision over four buckets: bot, chat, group and user. */
    static Acquisition fourBuckets(RandomGenerator random) {
        return fourBuckets(random, BOTS, PER_BOT, CHATS_OF_A_BOT, GROUPS_OF_A_BOT, USERS_OF_A_BOT);
    }

    /** The same for the one bot of most installations, with a limit out of reach: all callers meet at its bucket. */
    static Acquisition fourBucketsOfABusyBot(RandomGenerator random) {
        return fourBuckets(random, 1, PER_BUSY_BOT, CHATS_OF_A_BUSY_BOT, GROUPS_OF_A_BUSY_BOT, USERS_OF_A_BUSY_BOT);
    }

    /** Bot and chat; all callers meet at the bot's bucket, each with a chat of its own. */
    static Acquisition hotBot(RandomGenerator random, Limit perBot) {
        return hotBot(number(random, CHATS_OF_A_BUSY_BOT), perBot, PER_CHAT);
    }

    /** Bot and chat; all callers meet at both. */
    static Acquisition hotChat(Limit limit) {
        return hotBot("1", limit, limit);
    }

    private static Acquisition hotBot(String chat, Limit perBot, Limit perChat) {
        return Acquisition.of(
                new Charge(HOT_BOT, perBot, 1), new Charge(new Bucket(HOT_BOT.tag(), "chat", chat), perChat, 1));
    }

    private static Acquisition fourBuckets(
            RandomGenerator random, int bots, Limit perBot, int chats, int groups, int users) {
        String bot = Integer.toString(1_000_000 + random.nextInt(bots));
        return Acquisition.of(List.of(
                new Charge(new Bucket(bot, "bot", bot), perBot, 1),
                new Charge(new Bucket(bot, "chat", number(random, chats)), PER_CHAT, 1),
                new Charge(new Bucket(bot, "group", number(random, groups)), PER_GROUP, 1),
                new Charge(new Bucket(bot, "user", number(random, users)), PER_USER, 1)));
    }

    /** A claim that nobody else makes, beside the buckets of {@code tag}. */
    static ClaimRequest claim(String tag, RandomGenerator random) {
        return new ClaimRequest(key(tag, random), CONTENT, LEASE, new Abandoned.BecomesUnknown(KEEP));
    }

    /** A message to a private chat under a key of its own. */
    static OutboundCall message(RandomGenerator random) {
        var bot = new BotId(1_000_000 + random.nextInt(BOTS));
        return new OutboundCall(
                bot,
                SEND_MESSAGE,
                Optional.of(ChatId.of(1 + random.nextInt(CHATS_OF_A_BOT))),
                1,
                false,
                CONTENT,
                Optional.of(key(bot.toString(), random)),
                KEEP,
                Duration.ZERO,
                Priority.NORMAL,
                false);
    }

    private static IdempotencyKey key(String tag, RandomGenerator random) {
        return IdempotencyKey.derived(tag, "sendmessage", Long.toHexString(random.nextLong()));
    }

    private static String number(RandomGenerator random, int below) {
        return Integer.toString(1 + random.nextInt(below));
    }
}
