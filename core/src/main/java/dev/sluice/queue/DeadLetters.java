package dev.sluice.queue;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;

/**
 * Messages that failed for good, as refused or exhausted. They stay until somebody requeues or purges them, count toward the
 * queue's bound, and keep their idempotency key. Thread-safe. On Redis every method throws
 * {@link RedisUnavailableException} when it does not answer.
 *
 * <p>Lists are read and swept in steps, each of which looks at a bounded number of messages: start with
 * {@link #START}, go on with {@code next} until there is none. What is added meanwhile comes at the end.
 */
public interface DeadLetters {
    /** Where a list begins. */
    long START = 0;

    /** How many messages one step looks at. */
    int LOOKED_AT = 200;

    /** @param max 1 to {@link #LOOKED_AT} */
    Page page(BotId bot, ListFilter filter, long cursor, int max);

    /**
     * Puts one back into its lane, at its place by acceptance and with all its attempts before it. Those it had are still
     * shown, and it is as urgent as it was; its lifetime is over and does not come back.
     */
    Change requeue(MessageId id);

    /** The same for those that match. */
    Swept requeueAll(BotId bot, ListFilter filter, long cursor);

    /** Forgets one: it counts as failed, and its key and what is known of it are gone. */
    Change purge(MessageId id);

    /** The same for those that match. */
    Swept purgeAll(BotId bot, ListFilter filter, long cursor);
}
