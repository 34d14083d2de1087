package dev.sluice.event;

import dev.sluice.SteadyClock;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.region.Homes;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Tells events that are new from those that came before, within a {@link DedupeWindow}. Thread-safe; may block.
 *
 * <p>Guarantees: of any number of callers of all processes that share the store, exactly one is told that an id is new; an id that was not
 * asked for is never taken for a repeat (ids are compared by 128 bits of SHA-256); whatever is kept has an end from the moment it is
 * written. Looking and marking are one step. An event whose caller dies between being told and counting it is lost: at most once.
 *
 * <p>Streams are 1-64 of {@code A-Z a-z 0-9 _ -}, ids are texts of 1-{@value #LONGEST_ID} characters; all else is an
 * {@link IllegalArgumentException}. On Redis every method may throw {@link dev.sluice.redis.RedisUnavailableException}, which says
 * whether it may have been done all the same; it is not repeated, since the second time all would look like repeats.
 */
public interface EventDeduplicator {
    /** The most ids of one step: up to 2 ms of Redis. */
    int LARGEST_BATCH = 1_000;

    /** Characters of an id, as people count them: one outside the basic plane is one. */
    int LONGEST_ID = 1_024;

    /** Whether this is the first time that anybody asks for the id within the window. */
    default boolean firstSeen(String stream, String eventId) {
        return firstSeen(stream, List.of(eventId)).get(0);
    }

    /**
     * The same for many, in one step.
     *
     * @param eventIds up to {@link #LARGEST_BATCH}
     * @return the positions of those that are new; of an id that is there twice, the first
     */
    BitSet firstSeen(String stream, List<String> eventIds);

    /**
     * Takes ids back that could not be counted after all, so that they are new once more.
     *
     * @param eventIds up to {@link #LARGEST_BATCH}
     * @return how many were known
     */
    int forget(String stream, List<String> eventIds);

    /** For one process, until it ends. */
    static EventDeduplicator inMemory(DedupeWindow window) {
        return inMemory(window, SteadyClock.micros());
    }

    /**
     * For one process, until it ends. Holds two million ids of all streams together; beyond that, the stream that was asked for longest ago
     * is forgotten.
     *
     * @param window of a million ids at most
     * @param microClock microseconds since any time zero or more
     */
    static EventDeduplicator inMemory(DedupeWindow window, LongSupplier microClock) {
        return new InMemoryEventDeduplicator(window, microClock, InMemoryEventDeduplicator.MOST_HELD);
    }

    /** Shared by all processes on one Redis, by its clock. */
    static EventDeduplicator onRedis(ScriptRunner redis, KeySpace keys, DedupeWindow window) {
        return new RedisEventDeduplicator(redis, keys, window);
    }

    /** Of several regions, each stream in its home region; a stream whose home cannot be reached is not decided. */
    static EventDeduplicator acrossRegions(Homes<EventDeduplicator> regions) {
        return new RegionalEventDeduplicator(regions);
    }
}
