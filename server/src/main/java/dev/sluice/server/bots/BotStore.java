package dev.sluice.server.bots;

import dev.sluice.telegram.BotId;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where records of bots are kept, and limits that were set for bots, registered or not. Thread-safe. A change takes the revision it was made from, and is not made if the record has
 * another by now; revisions only ascend, also after everything was lost.
 */
interface BotStore {
    /** A record is about 300 bytes, and every process holds them all. */
    int MOST_BOTS = 10_000;

    /** The revision of a record that is not there. */
    long ABSENT = 0;

    /** A record and its revision. */
    record Kept(long revision, BotRecord record) {}

    /** A bot's limits and their revision. */
    record KeptLimits(long revision, SetLimits limits) {}

    /** All records and limits at one time, by the bot's number. */
    record Snapshot(long revision, NavigableMap<Long, Kept> bots, NavigableMap<Long, KeptLimits> limits) {
        static final Snapshot EMPTY = new Snapshot(0, Collections.emptyNavigableMap(), Collections.emptyNavigableMap());

        public Snapshot {
            bots = Collections.unmodifiableNavigableMap(new TreeMap<>(bots));
            limits = Collections.unmodifiableNavigableMap(new TreeMap<>(limits));
        }

        Optional<Kept> find(BotId bot) {
            return Optional.ofNullable(bots.get(bot.value()));
        }

        Optional<KeptLimits> findLimits(BotId bot) {
            return Optional.ofNullable(limits.get(bot.value()));
        }

        SetLimits limits(BotId bot) {
            KeptLimits kept = limits.get(bot.value());
            return kept == null ? SetLimits.NONE : kept.limits();
        }
    }

    /** What came of a change. */
    enum Written {
        DONE,
        /** The record has another revision than the change was made from. */
        CHANGED,
        /** There are {@link #MOST_BOTS}. */
        FULL
    }

    /** What was read last. Never waits; empty until something was read. */
    Optional<Snapshot> known();

    /**
     * What is there now.
     *
     * @throws dev.sluice.redis.RedisUnavailableException if the store does not answer
     */
    Snapshot read();

    /**
     * Writes a record, new where {@code seen} is {@link #ABSENT}. Once it is done, {@link #known()} has it.
     *
     * @throws dev.sluice.redis.RedisUnavailableException if the store does not answer; it may have been written
     */
    Written put(BotRecord record, long seen);

    /**
     * Writes a bot's limits, or removes them if they are {@link SetLimits#NONE}; otherwise as {@link #put}. Of {@link #MOST_BOTS} bots at
     * most.
     */
    Written putLimits(BotId bot, SetLimits limits, long seen);

    /** Removes a record, and the bot's limits; otherwise as {@link #put}. */
    Written remove(BotId bot, long seen);
}
