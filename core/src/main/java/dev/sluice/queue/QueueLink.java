package dev.sluice.queue;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The queue in Redis, for scripts that enqueue and take back messages in the same step as something of their own. */
public final class QueueLink {
    /** What a message is. */
    public static final Part MESSAGES = QueueScripts.MESSAGES;

    /** After {@link #MESSAGES}: where messages and chats stand. */
    public static final Part LANES = QueueScripts.LANES;

    private static final Executor LATER = CompletableFuture.delayedExecutor(
            QueueRegistry.REPEATED.toSeconds(), TimeUnit.SECONDS, Thread::startVirtualThread);

    private final KeySpace keys;
    private final QueueRegistry registry;

    public QueueLink(ScriptRunner redis, KeySpace keys) {
        this.keys = keys;
        this.registry = new QueueRegistry(redis, keys, LATER);
    }

    /** To be called before anything is enqueued, so that workers look for the bot. */
    public void register(BotId bot) {
        registry.register(bot);
    }

    /** What the names of a bot's queue and of its limits start with: the first two keys of every script. */
    public List<String> keys(BotId bot) {
        return QueueScripts.keys(bot, keys).subList(0, 2);
    }

    /** A message as {@code messages.lua} keeps it. One that is linked is neither delayed nor has a lifetime or a key. */
    public static byte[] record(BotId bot, NewMessage message) {
        if (!message.delay().isZero()
                || message.lifetime().isPresent()
                || message.once().isPresent()
                || message.relation().isPresent()) {
            throw new IllegalArgumentException("a linked message has no delay, lifetime, key or relation");
        }
        return MessageRecord.pack(bot, message);
    }
}
