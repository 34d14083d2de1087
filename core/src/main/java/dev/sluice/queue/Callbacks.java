package dev.sluice.queue;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.Optional;

/**
 * Ends of messages that somebody is to be told of ({@link NewMessage#callback}). Thread-safe. On Redis every method throws
 * {@link RedisUnavailableException} when it does not answer.
 *
 * <p>That somebody is to be told is written down in the step that ends the message: as sent, failed (dead letters as well),
 * or unknown, and once more when an unknown message or a requeued dead letter comes to another end. It is told at least
 * once, unless {@link #LIFE} passes before anybody could be told; and of several ends that could not be told yet, only the
 * last.
 *
 * <p>Failure windows: a worker that dies while it tells is followed by another when its lease is over, which may tell it
 * twice. {@link OwedCallback#event} is the same both times. A lost reply to a claim counts as a try.
 */
public interface Callbacks {
    /** How long after a message's end it is told. */
    Duration LIFE = Duration.ofHours(24);

    /** Beyond so many callbacks of a bot that are owed, no message that wants one is accepted. */
    long MOST_OWED = 100_000;

    /**
     * Leases callbacks that are due.
     *
     * @param max 1 to {@link MessageQueue#MAX_BATCH}
     * @param lease how long nobody else gets them
     */
    DueCallbacks claim(BotId bot, int max, Duration lease);

    /** Writes down what became of a try; false if it is not the holder's any more, and nothing changed. */
    boolean settle(OwedCallback callback, Telling telling);

    /** How it stands; empty if nobody is to be told anything of this message, or it is forgotten. */
    Optional<CallbackStatus> find(MessageId id);
}
