package dev.sluice.queue;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;

/**
 * Messages that Telegram may have. They stay until somebody says what became of them, and count toward the queue's bound.
 * Thread-safe. Read like {@link DeadLetters}. On Redis every method throws {@link RedisUnavailableException} when it does
 * not answer.
 */
public interface UnknownMessages {

    /** What somebody found out. */
    enum Resolution {
        /** Telegram has it. */
        SENT,
        /** Telegram has it not, and it shall not be sent: {@link FailureClass#REFUSED}, but no dead letter. */
        FAILED,
        /** Send it (again). */
        REQUEUE
    }

    /** @param max 1 to {@link DeadLetters#LOOKED_AT} */
    Page page(BotId bot, ListFilter filter, long cursor, int max);

    /** Ends the doubt about one. */
    Change resolve(MessageId id, Resolution resolution);

    /** The same for all that match. */
    Swept resolveAll(BotId bot, ListFilter filter, long cursor, Resolution resolution);
}
