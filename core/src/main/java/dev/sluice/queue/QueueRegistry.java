package dev.sluice.queue;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.MendListener;
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
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which bots have a queue. It lies in a slot of its own, so it is written before a bot's first message and not in the same
 * step: it may name a bot too many, whose queue is empty, and never one too few, unless Redis loses what it acknowledged. Then
 * messages that came after the loss would wait until somebody enqueues again; so each entry is written once more, {@link
 * #REPEATED} later, which is longer than a Redis that syncs its log every second holds anything back.
 *
 * <p>An entry says when it was last written, and is removed long after ({@link #forget}). Failure windows: whoever enqueues wrote
 * the entry within the last seconds, so that it is too young to be removed, however early its queue was found empty. Should
 * Redis' clock jump so far that it seems old, the repetition writes it again. Thread-safe.
 */
final class QueueRegistry {
    private static final Logger log = LoggerFactory.getLogger(QueueRegistry.class);

    static final Duration REPEATED = Duration.ofSeconds(5);

    /** Bots whose queues are looked at in one {@link #forget}: some 10 ms of Redis. */
    static final int MOST_LOOKED_AT = 100;

    /** Beyond so many bots those are dropped that would be written again anyway. */
    private static final int MOST_REMEMBERED = 10_000;

    /** As long as an outage may last: half an hour. */
    private static final int MOST_REPETITIONS = 360;

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final Executor later;
    private final MendListener mending;
    private final ConcurrentMap<BotId, Long> registeredNanos = new ConcurrentHashMap<>();

    /** @param later runs what it is given some seconds later, {@link #REPEATED} or more */
    QueueRegistry(ScriptRunner redis, KeySpace keys, Executor later) {
        this(redis, keys, later, MendListener.NONE);
    }

    /** @param mending hears that another program had written there */
    QueueRegistry(ScriptRunner redis, KeySpace keys, Executor later, MendListener mending) {
        this.redis = redis;
        this.keys = keys;
        this.later = later;
        this.mending = mending;
    }

    void register(BotId bot) {
        long now = System.nanoTime();
        Long before = registeredNanos.get(bot);
        if (before == null || now - before > REPEATED.toNanos()) {
            write(bot);
            if (registeredNanos.size() >= MOST_REMEMBERED) {
                registeredNanos.values().removeIf(then -> now - then > REPEATED.toNanos());
            }
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
        byte[] name = MessageRecord.ascii(bot.toString());
        if (redis.run(QueueScripts.REGISTER, QueueScripts.registry(keys), List.of(name))
                        .number(0)
                > 0) {
            log.warn(
                    "what another program wrote in place of the list of bots that have a queue is gone; each adds itself when it queues");
            mending.mended(QueueScripts.FAMILY, "bots", 1);
        }
    }

    Set<BotId> all() {
        return bots(redis.run(QueueScripts.BOTS, QueueScripts.registry(keys), List.of()));
    }

    /**
     * Forgets bots that were last registered more than {@code unused} ago and have nothing; those that have something are looked
     * at again as long from now. Up to {@link #MOST_LOOKED_AT} of them.
     *
     * @param isRetired removes what is left of a queue that holds nothing, and says whether it did
     */
    Set<BotId> forget(Duration unused, Predicate<BotId> isRetired) {
        byte[] micros = MessageRecord.ascii(Long.toString(unused.toNanos() / 1_000));
        byte[] most = MessageRecord.ascii(Integer.toString(MOST_LOOKED_AT));
        var forgotten = new HashSet<BotId>();
        for (BotId bot : bots(redis.run(QueueScripts.UNUSED, QueueScripts.registry(keys), List.of(micros, most)))) {
            byte[] empty = MessageRecord.ascii(isRetired.test(bot) ? "1" : "0");
            var arguments = List.of(MessageRecord.ascii(bot.toString()), micros, empty);
            if (redis.run(QueueScripts.FORGET, QueueScripts.registry(keys), arguments)
                            .number(0)
                    == 1) {
                registeredNanos.remove(bot);
                forgotten.add(bot);
            }
        }
        return forgotten;
    }

    private static Set<BotId> bots(ScriptReply reply) {
        var bots = new HashSet<BotId>();
        for (int i = 0; i < reply.size(); i++) {
            bots.add(new BotId(reply.number(i)));
        }
        return bots;
    }
}
