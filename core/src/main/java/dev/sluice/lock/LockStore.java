package dev.sluice.lock;

import dev.sluice.redis.Announcements.Subscription;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Where locks lie: each method is one atomic step. Thread-safe; may block, and throw {@link dev.sluice.redis.RedisUnavailableException}.
 */
interface LockStore {
    /** How an attempt stands. */
    sealed interface Answer {
        /** It is the owner's, for the lease from now on. */
        record Taken(long fence) implements Answer {}

        /**
         * It is not.
         *
         * @param remaining of its holder's lease; zero if it is free for those ahead
         * @param turn when to look again at the latest, if nobody renews or releases
         * @param ahead how many are in line before this one
         */
        record NotYet(Duration remaining, Duration turn, int ahead) implements Answer {}

        /** So many wait that this one may not. */
        record Full(Duration remaining) implements Answer {}
    }

    /**
     * Takes the lock if it is free and it is this owner's turn; if it is the owner's already, its lease begins anew.
     *
     * @param waits whether a place in line is kept; whoever does not wait has none afterwards
     */
    Answer acquire(LockName name, LockOwner owner, Duration lease, boolean waits);

    /** @return false if it is not this owner's any more */
    boolean renew(LockName name, LockOwner owner, Duration lease);

    /**
     * Gives the lock back and any place in line up.
     *
     * @return false if it was not this owner's any more
     */
    boolean release(LockName name, LockOwner owner);

    LockStanding look(LockName name);

    /** @param next hears who is next, as ids with spaces between them, when a lock was released; must not block */
    Subscription listen(Consumer<String> next);
}
