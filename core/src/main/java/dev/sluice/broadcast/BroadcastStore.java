package dev.sluice.broadcast;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Broadcasts and their recipients. Thread-safe. Each method is one atomic step; any number of processes may tend and feed one
 * broadcast at the same time. What is guaranteed says the package.
 *
 * <p>On Redis every method throws {@link RedisUnavailableException} when it does not answer. All of them may be repeated:
 * what was done is found done.
 */
public interface BroadcastStore {
    int MOST_RECIPIENTS = 5_000_000;

    /** How many recipients are in a chunk; in the last one there may be fewer. */
    int CHUNK = 500;

    /** How many recipients one step feeds. */
    int MOST_FED = 200;

    /** How many outcomes are read at once. */
    int MOST_READ = 20 * CHUNK;

    /** Begins an upload that nobody sees until it is started. */
    BroadcastId draft(BotId bot);

    /**
     * Adds a chunk to a draft.
     *
     * @param number from 0, ascending
     * @param recipients {@link #CHUNK} of them or, in the last one, fewer; opaque to the store
     * @return false if there is no such draft, or no more
     */
    boolean add(BroadcastId draft, int number, byte[] recipients);

    /** Lets a draft run, or removes it if that must not be. */
    Started start(BroadcastId draft, NewBroadcast broadcast);

    /** Removes a draft; nothing if there is none. */
    void discard(BroadcastId draft);

    /** How a broadcast stands; empty if there is none, or no more. */
    Optional<Progress> find(BroadcastId id);

    /**
     * A bot's broadcasts, the newest first.
     *
     * @param before a number that theirs are less than; empty for the newest
     * @param most 1 to 200
     */
    List<BroadcastId> list(BotId bot, OptionalLong before, int most);

    /** Takes back what is queued and not leased, and feeds no more until it is resumed. See {@link Tended#more}. */
    BroadcastChange pause(BroadcastId id);

    BroadcastChange resume(BroadcastId id);

    /** The same for good: what is not dispatched is {@link RecipientOutcome#CANCELLED}. */
    BroadcastChange cancel(BroadcastId id);

    /** Bots that may have broadcasts to be tended; perhaps some too many, never one too few. */
    Set<BotId> bots();

    /** A bot's unfinished broadcasts, the oldest first; a bot without any is left out of {@link #bots} after a while. */
    List<BroadcastId> unfinished(BotId bot);

    /**
     * Writes down what became of queued messages, takes back what must not be sent, ends the broadcast when nothing is left,
     * and says who is to be fed next. Empty if there is no such broadcast, or no more.
     */
    Optional<Tended> tend(BroadcastId id);

    /**
     * Enqueues the messages of recipients that still wait, as far as window and queue have room.
     *
     * @param recipients 1 to {@link #MOST_FED} of one chunk, ascending
     */
    Fed feed(BroadcastId id, List<Feeding> recipients);

    /**
     * What became of recipients, in their order; empty if there is no such broadcast.
     *
     * @param from the first one's number
     * @param most 1 to {@link #MOST_READ}
     */
    Optional<List<RecipientOutcome>> outcomes(BroadcastId id, int from, int most);

    /** A chunk as it was added; empty if it is not there. */
    Optional<byte[]> chunk(BroadcastId id, int number);
}
