package dev.sluice.namedlimit;

import dev.sluice.limit.BucketScript;
import dev.sluice.limit.LocalShare;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.Waiter;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisWatch;
import dev.sluice.redis.ScriptRunner;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Limits that are known by name, and who may pass them. Thread-safe; may block.
 *
 * <p>Guarantees: what holds is read, decided by and charged in one step, so a new definition holds for every decision after it, in every
 * process; a denial charges nothing; no window of a strict limit lets more pass than its count, however many ask, in whatever weights, as
 * long as its definition stays the same. Time is the store's: Redis' clock, or the clock that was given.
 *
 * <p>On Redis every method may throw {@link dev.sluice.redis.RedisUnavailableException}, which says whether it may have been done all the
 * same; {@link #acquire} only where that is what was chosen for such times, or where this process has never heard of the limit. A question
 * is not repeated: one whose answer was lost may have been charged.
 */
public interface NamedLimits {
    /** How many there may be. */
    int MOST_LIMITS = 1_000;

    /**
     * Says what a limit is from now on, whatever it was.
     *
     * @throws TooManyLimitsException if it would be one too many
     */
    void define(NamedLimit limit);

    /**
     * The same if there is none of that name: for what a program brings along, and operators may have changed since.
     *
     * @return what holds now
     * @throws TooManyLimitsException if it would be one too many
     */
    NamedLimit defineIfAbsent(NamedLimit limit);

    /** @return whether there was one; what is still counted holds again if it is defined anew soon */
    boolean remove(String name);

    /** All of them, by name. */
    List<NamedLimit> list();

    Optional<NamedLimit> find(String name);

    /**
     * Wants to pass, now.
     *
     * @throws UnknownLimitException if there is none of that name
     * @throws TooHeavyException if it weighs more than ever passes at once
     */
    default Passage acquire(Use use) {
        return acquire(use, Optional.empty());
    }

    /**
     * The same for a process that comes back when it is denied, and keeps a place in line among those that do.
     *
     * @param waiter who waits; nobody if empty
     */
    Passage acquire(Use use, Optional<Waiter> waiter);

    /**
     * What is used; changes nothing. The weight does not matter.
     *
     * @throws UnknownLimitException if there is none of that name
     */
    LimitUsage usage(Use use);

    /** For one process, until it ends. */
    static NamedLimits inMemory() {
        return inMemory(() -> System.nanoTime() / 1_000);
    }

    /**
     * For one process, until it ends. Holds 100,000 subjects; beyond that, whose limit is free again soonest is forgotten.
     *
     * @param microClock microseconds that never go back
     */
    static NamedLimits inMemory(LongSupplier microClock) {
        return new InMemoryNamedLimits(microClock, InMemoryNamedLimits.MOST_HELD);
    }

    /** Shared by all processes on one Redis; throws while it cannot be asked. */
    static NamedLimits onRedis(ScriptRunner redis, KeySpace keys) {
        return new RedisNamedLimits(redis, keys);
    }

    /**
     * Shared by all processes while Redis can be asked, and what the policy says while it cannot.
     *
     * @param replicas how many were alive when Redis last told, this one included
     * @param listener told of outages as they are noticed
     * @param watch is given who is to be told what a {@link RedisWatch} finds
     */
    static NamedLimits onRedisOr(
            ScriptRunner redis,
            KeySpace keys,
            OnStoreFailure policy,
            IntSupplier replicas,
            OutageListener listener,
            Consumer<RedisWatch.Guard> watch) {
        var share = LocalShare.bounded(replicas, () -> System.nanoTime() / 1_000, InMemoryNamedLimits.MOST_HELD);
        watch.accept(share.watched(listener));
        var partOf = BucketScript.partOf(redis, keys);
        var limits = new RedisNamedLimits(
                redis, keys, share::now, (asked, at) -> share.heard(partOf.apply(Use.TAG), asked, at));
        return new FailoverNamedLimits(limits, share, policy, listener);
    }
}
