package dev.sluice.queue;

import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.telegram.BotId;

/** How the queue's idempotency keys are looked at, for scripts of other features: {@code twins.lua} explains it. */
public final class KeyScript {
    /** What a script needs to look; comes after the buckets' library. */
    public static final Part TWINS = new Part(KeyScript.class, "twins.lua");

    private KeyScript() {}

    /** Where the queue of the bot that the key is tagged with keeps the key. */
    public static String key(IdempotencyKey key, KeySpace keys) {
        return keys.key(QueueScripts.FAMILY, key.tag(), "key:" + key.digest());
    }

    /**
     * Reads the number that {@code twin_queued} gave.
     *
     * @param key what was asked for
     */
    public static MessageId message(IdempotencyKey key, ScriptReply reply, int at) {
        return new MessageId(new BotId(Long.parseLong(key.tag())), reply.number(at));
    }
}
