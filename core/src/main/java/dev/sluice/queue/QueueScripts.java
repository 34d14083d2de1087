package dev.sluice.queue;

import dev.sluice.idempotency.ClaimScript;
import dev.sluice.limit.BucketScript;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.telegram.BotId;
import java.util.ArrayList;
import java.util.List;

/** The queue's steps and the keys they are given. Each carries only the libraries that it uses. */
final class QueueScripts {
    static final Part MESSAGES = part("messages");
    static final Part LANES = part("lanes");
    private static final Part QUESTIONS = part("questions");
    private static final Part STANDING = part("standing");
    private static final Part SWEEPS = part("sweeps");
    private static final Part CHANGES = part("changes");
    private static final Part READABLE = part("readable");

    static final Script ENQUEUE = script("enqueue", ClaimScript.LIBRARY, MESSAGES, LANES);
    static final Script CLAIM = script(
            "claim",
            BucketScript.BUCKETS,
            BucketScript.DECISION,
            BucketScript.SHADOW,
            MESSAGES,
            LANES,
            QUESTIONS,
            STANDING,
            SWEEPS);
    static final Script LIMITS_CHANGED = script("limits-changed", MESSAGES, LANES);
    static final Script ALONG = script("along", MESSAGES, LANES);
    static final Script SETTLE = script(
            "settle",
            BucketScript.BUCKETS,
            BucketScript.CORRECTIONS,
            BucketScript.FLOODS,
            BucketScript.LEARNING,
            MESSAGES,
            LANES);
    static final Script EXTEND = script("extend", MESSAGES, LANES);
    static final Script CHANGE = script("change", MESSAGES, LANES, CHANGES);
    static final Script CHANGE_ALL = script("change-all", MESSAGES, LANES, CHANGES);
    static final Script REPRIORITISE = script("reprioritise", MESSAGES, LANES);
    static final Script PAUSE = script("pause", MESSAGES, LANES);
    static final Script IDENTIFY = script("identify", BucketScript.BUCKETS, MESSAGES, LANES);
    static final Script IDENTITY = script("identity", MESSAGES, LANES);
    static final Script FIND = script("find", MESSAGES);
    static final Script SCAN_MESSAGES = script("scan-messages");
    static final Script READ_MESSAGES = script("read-messages", MESSAGES);
    static final Script RESTORE = script("restore", ClaimScript.LIBRARY, MESSAGES, LANES);
    static final Script CLAIM_CALLBACKS = script("claim-callbacks", MESSAGES, LANES, READABLE);
    static final Script SETTLE_CALLBACK = script("settle-callback", MESSAGES, LANES, READABLE);
    static final Script FIND_CALLBACK = script("find-callback", MESSAGES, READABLE);
    static final Script WHY =
            script("why", BucketScript.BUCKETS, BucketScript.DECISION, BucketScript.SHADOW, MESSAGES, LANES, QUESTIONS);
    static final Script STATISTICS = script("statistics", MESSAGES, LANES);
    static final Script REGISTER = script("register");
    static final Script BOTS = script("bots");
    static final Script UNUSED = script("unused");
    static final Script RETIRE = script("retire", MESSAGES, LANES);
    static final Script FORGET = script("forget");
    static final Script MEND = script("mend", MESSAGES, LANES, READABLE);
    static final Script REBUILD = script("rebuild", MESSAGES, LANES, READABLE);
    static final Script FORGET_CHAT = script("forget-chat", MESSAGES, LANES, CHANGES);

    static final String FAMILY = "msg_queue";

    private QueueScripts() {}

    /**
     * What the names of a queue's keys start with, the same of its limits, the bot's bucket and the paid lane's. Which lanes
     * and messages a step touches is only known inside, so it makes their names itself; all lie in the bot's slot.
     *
     * <p>The first two are never keys that exist. So a Cluster node whose slot is on the move never starts a step, which might
     * find in its midst that a key has moved: it sends the step on, and the other node refuses it until the slot is its own
     * (TRYAGAIN).
     */
    static List<String> keys(BotId bot, KeySpace keys) {
        String tag = bot.toString();
        return List.of(
                keys.key(FAMILY, tag, ""),
                keys.key("rate_limit", tag, ""),
                BucketScript.key(TelegramLimits.botBucket(bot), keys),
                BucketScript.key(TelegramLimits.paidBucket(bot), keys));
    }

    /** The same, and what the names of the records start with that calls under a key leave. */
    static List<String> keysAndClaims(BotId bot, KeySpace keys) {
        var names = new ArrayList<>(keys(bot, keys));
        names.add(ClaimScript.prefix(bot.toString(), keys));
        return names;
    }

    /** When each bot that has a queue last said so. */
    static List<String> registry(KeySpace keys) {
        return List.of(keys.key(FAMILY, "bots", "seen"));
    }

    private static Script script(String name, Part... libraries) {
        var parts = new ArrayList<>(List.of(libraries));
        parts.add(part(name));
        return Script.of("queue/" + name, parts.toArray(Part[]::new));
    }

    private static Part part(String name) {
        return new Part(QueueScripts.class, name + ".lua");
    }
}
