package dev.sluice.queue;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Which bots have a queue. It lies in a slot of its own, so it is written before a bot's first message and not in the same
 * step: it may name a bot too many, whose queue is empty, and never one too few. Written again every {@link #REPEATED}, which
 * brings it back after Redis has lost it. Thread-safe.
 */
final class QueueRegistry {
    private static final Duration REPEATED = Duration.ofSeconds(30);

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final ConcurrentMap<BotId, Long> registeredNanos = new ConcurrentHashMap<>();

    QueueRegistry(ScriptRunner redis, KeySpace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    void register(BotId bot) {
        long now = System.nanoTime();
        Long before = registeredNanos.get(bot);
        if (before == null || now - before > REPEATED.toNanos()) {
            redis.run(QueueScripts.REGISTER, QueueScripts.registry(keys), List.of(MessageRecord.ascii(bot.toString())));
            registeredNanos.put(bot, now);
        }
    }

    Set<BotId> all() {
        ScriptReply reply = redis.run(QueueScripts.BOTS, QueueScripts.registry(keys), List.of());
        var bots = new HashSet<BotId>();
        for (int i = 0; i < reply.size(); i++) {
            bots.add(new BotId(reply.number(i)));
        }
        return bots;
    }
}
