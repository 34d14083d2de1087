package dev.sluice.budget;

import dev.sluice.SteadyClock;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisWatch;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.region.Homes;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Counts messages per user against budgets. Thread-safe; may block.
 *
 * <p>Guarantees: check and count are one step, so of any number of callers exactly as many pass as there is room for; a
 * rejection changes neither what is left nor when it ends; whatever is kept has an end from the moment it is written. Time is the
 * store's: Redis' clock, or the clock that was given. A clock that jumps back keeps nobody out for longer than a window that
 * begins now; one that jumps forward ends windows early.
 *
 * <p>Users are numbers above 0; all else is an {@link IllegalArgumentException}. On Redis every method may throw
 * {@link dev.sluice.redis.RedisUnavailableException}, which says whether it may have been done all the same; {@link #consume}
 * only where that is what was chosen for such times. It is not repeated: a message whose answer was lost may have been counted.
 */
public interface Budgets extends AutoCloseable {
    /** Where a scan begins. */
    String START = "0";

    /** The longest page. */
    int LONGEST_PAGE = 1_000;

    /** One message wants to pass. */
    Consumption consume(Budget budget, BudgetUser user);

    /** What a user has; changes nothing. */
    Usage usage(Budget budget, long user);

    /**
     * Grants messages beside the limit, for the present window; if none has begun, for the next, which must then begin within
     * the length of one. Grants add up, to {@link Budget#MOST} at most.
     *
     * @param messages 1 to {@link Budget#MOST}
     */
    Usage grant(Budget budget, long user, long messages);

    /**
     * Forgets all that is counted and granted: the next message begins a new window.
     *
     * @return whether there was anything
     */
    boolean reset(Budget budget, long user);

    /**
     * Lists the users of whom anything is kept, page by page. Who is there from beginning to end is found at least once; in no
     * order, and somebody may be found twice.
     *
     * @param cursor {@link #START}, or what the page before said
     * @param about how many to find, 1 to {@link #LONGEST_PAGE}; some more may come
     * @throws IllegalArgumentException if the cursor is none
     */
    BudgetPage scan(Budget budget, String cursor, int about);

    /**
     * Ends this process' part: tells the store what passed without it, within two seconds. Nothing is to be asked any more. What else
     * it holds on to is its giver's to close.
     */
    @Override
    default void close() {}

    /** For one process, until it ends. */
    static Budgets inMemory() {
        // The wall's time, at the monotonic clock's pace: it tells when, and never goes back.
        return inMemory(SteadyClock.micros());
    }

    /**
     * For one process, until it ends. Holds a million users; beyond that, whose window ends soonest is forgotten.
     *
     * @param microClock microseconds since 1970
     */
    static Budgets inMemory(LongSupplier microClock) {
        return new InMemoryBudgets(microClock, InMemoryBudgets.MOST_HELD);
    }

    /** Shared by all processes on one Redis; {@link #consume} throws while it cannot be asked. */
    static Budgets onRedis(ScriptRunner redis, KeySpace keys) {
        return new RedisBudgets(redis, keys, InstantSource.system());
    }

    /**
     * Shared by all processes while Redis can be asked, and what the policy says while it cannot.
     *
     * @param replicas how many were alive when Redis last told, this one included
     * @param listener told of outages as they are noticed
     * @param watch is given who is to be told what a {@link RedisWatch} finds: without one, only who is asked notices that Redis is gone
     *     or back
     * @param later runs what tells Redis after an outage what passed meanwhile; may block
     */
    static Budgets onRedisOr(
            ScriptRunner redis,
            KeySpace keys,
            OnStoreFailure policy,
            IntSupplier replicas,
            OutageListener listener,
            Consumer<RedisWatch.Guard> watch,
            Executor later) {
        var shared = new RedisBudgets(redis, keys, InstantSource.system());
        var own = new OwnCounts(SteadyClock.micros(), replicas, OwnCounts.MOST_HELD);
        var budgets = new FailoverBudgets(shared, own, policy, listener, later);
        watch.accept(budgets);
        return budgets;
    }

    /**
     * Of several regions, each user's in the user's home region. A scan goes through the regions one after the other, and fails where one
     * cannot be reached.
     */
    static Budgets acrossRegions(Homes<Budgets> regions) {
        return new RegionalBudgets(regions);
    }
}
