package dev.sluice.queue;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;

/**
 * Which bots have a queue. It lies in a slot of its own, so it is written before a bot's first message and not in the same
 * step: it may name a bot too many, whose queue is empty, and never one too few, unless Redis loses what it acknowledged. Then
 * messages that came after the loss would wait until somebody enqueues again; so each entry is written once more, {@link
 * #REPEATED} later, which is longer than a Redis that syncs its log every second holds anything back. Thread-safe.
 */
final class QueueRegistry {
    static final Duration REPEATED = Duration.ofSeconds(5);

    /** As long as an outage may last: half an hour. */
    private static final int MOST_REPETITIONS = 360;

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final Executor later;
    private final ConcurrentMap<BotId, Long> registeredNanos = new ConcurrentHashMap<>();

    /** @param later runs what it is given some seconds later, {@link #REPEATED} or more */
    QueueRegistry(ScriptRunner redis, KeySpace keys, Executor later) {
        this.redis = redis;
        this.keys = keys;
        this.later = later;
    }

    void register(BotId bot) {
        long now = System.nanoTime();
        Long before = registeredNanos.get(bot);
        if (before == null || now - before > REPEATED.toNanos()) {
            write(bot);
            registeredNanos.put(bot, now);
            repeatLater(bot, 1);
        }
    }

    private void repeatLater(BotId bot, int repetition) {
        later.execute(() -> {
            try {
                write(bot);
            } catch (RedisUnavailableException e) {
                if (repetition < MOST_REPETITIONS) {
                    repeatLater(bot, repetition + 1);
                }
            }
        });
    }

    private void write(BotId bot) {
        redis.run(QueueScripts.REGISTER, QueueScripts.registry(keys), List.of(MessageRecord.ascii(bot.toString())));
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
