package dev.sluice.lock;

import dev.sluice.SteadyClock;
import dev.sluice.redis.Announcements;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks for holders that renew them by themselves, such as programs in other languages; in Java {@link Locks} does it for them.
 * Thread-safe; blocks its (virtual) thread.
 *
 * <p>Guarantees: of all processes that share the store at most one holds a lock at a time, by the store's clock; each lease's
 * {@linkplain Lease#fence fence} is greater than all earlier ones of its lock. What breaks them stands in the package's description.
 *
 * <p>On Redis every method may throw {@link RedisUnavailableException}; there is no going on without Redis, since nobody alone can know
 * that a lock is free. Leases are {@link Lease#SHORTEST} to {@link Lease#LONGEST} of whole milliseconds.
 */
public final class Leases implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Leases.class);

    /** The longest wait. */
    public static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private static final Duration FIRST_RETRY = Duration.ofMillis(20);
    private static final Duration LAST_RETRY = Duration.ofMillis(500);

    private final LockStore store;
    private final LockEvents events;
    private final WaitingOwners waiting;
    private final Withdrawals withdrawals;

    Leases(LockStore store, LockEvents events) {
        this.store = store;
        this.events = events;
        this.waiting = new WaitingOwners(store);
        this.withdrawals = new Withdrawals(store);
    }

    /** For one process, until it ends. */
    public static Leases inMemory(LockEvents events) {
        return inMemory(SteadyClock.micros(), events);
    }

    /**
     * For one process, until it ends; holds up to 100,000 locks.
     *
     * @param microClock microseconds since 1970
     */
    public static Leases inMemory(LongSupplier microClock, LockEvents events) {
        return new Leases(new InMemoryLockStore(microClock, InMemoryLockStore.MOST_HELD), events);
    }

    /**
     * Shared by all processes on one Redis, by its clock.
     *
     * @param settling for what a holder does: a renewal or release that is late is better than none
     * @param announcements tell those who wait that a lock is free; without them they look by themselves
     */
    public static Leases onRedis(
            ScriptRunner deciding,
            ScriptRunner settling,
            KeySpace keys,
            Announcements announcements,
            LockEvents events) {
        return new Leases(new RedisLockStore(deciding, settling, keys, announcements), events);
    }

    /**
     * Takes a lock, waiting for it if need be, behind those who came before. The same owner may ask again, also while its request is still
     * waiting or its answer was lost: what it holds already is answered once more, with the same fence, and its lease begins anew.
     *
     * @param maxWait zero to {@link #LONGEST_WAIT}; zero asks once. The answer may take one decision of the store longer
     * @param unless ends the wait when it completes. Must not fail
     * @param lost what becomes of the lock if this ends otherwise than by an answer, or {@code unless} had completed
     * @throws RedisUnavailableException if Redis does not answer at the end of the wait; before, it is asked again
     * @throws TooManyLocksException if it is in memory, and there is no room
     * @throws InterruptedException if the thread is interrupted
     */
    public LeaseAnswer acquire(
            LockName name,
            LockOwner owner,
            Duration length,
            Duration maxWait,
            CompletableFuture<?> unless,
            LostAnswer lost)
            throws InterruptedException {
        Lease.requireLength(length);
        if (maxWait.isNegative() || maxWait.compareTo(LONGEST_WAIT) > 0) {
            throw new IllegalArgumentException("a wait must be zero to " + LONGEST_WAIT + ", not " + maxWait);
        }
        long start = System.nanoTime();
        boolean answered = false;
        boolean mayBeThere = true;
        try {
            LeaseAnswer answer = maxWait.isZero()
                    ? asked(name, owner, length, false).answer()
                    : awaited(name, owner, length, start + maxWait.toNanos(), unless, lost);
            answered = !unless.isDone();
            mayBeThere = answer instanceof LeaseAnswer.Taken;
            tell(name, answer, Duration.ofNanos(System.nanoTime() - start));
            return answer;
        } catch (RedisUnavailableException e) {
            mayBeThere = e.mayHaveRun() || !maxWait.isZero();
            events.unavailable();
            logged(name, "unavailable");
            if (e.reason() == Reason.INTERRUPTED && Thread.interrupted()) {
                throw interrupted(e);
            }
            throw e;
        } finally {
            if (!answered && mayBeThere && lost == LostAnswer.GIVE_BACK) {
                withdrawals.later(name, owner, length);
            }
        }
    }

    private void tell(LockName name, LeaseAnswer answer, Duration waited) {
        switch (answer) {
            case LeaseAnswer.Taken taken -> {
                events.taken(waited);
                logged(name, "acquired");
            }
            case LeaseAnswer.Busy busy -> {
                events.busy(waited);
                logged(name, "busy");
            }
        }
    }

    private static void logged(LockName name, String what) {
        if (log.isDebugEnabled()) {
            log.debug("lock {}: {}", name.digest(), what);
        }
    }

    /**
     * Lets a lease begin anew.
     *
     * @return false if the lock is not this owner's any more: its lease ran out
     */
    public boolean renew(LockName name, LockOwner owner, Duration length) {
        Lease.requireLength(length);
        boolean renewed = store.renew(name, owner, length);
        if (!renewed) {
            events.lost();
            logged(name, "lost");
        }
        return renewed;
    }

    /**
     * Gives a lock back; those who wait are told at once.
     *
     * @return false if it was not this owner's any more
     */
    public boolean release(LockName name, LockOwner owner) {
        return store.release(name, owner);
    }

    /** How a lock stands; changes nothing. */
    public LockStanding look(LockName name) {
        return store.look(name);
    }

    /** How many wait in this process. */
    public int waiting() {
        return waiting.size();
    }

    LockStore store() {
        return store;
    }

    LockEvents events() {
        return events;
    }

    /** Releases until it is done, or the lease over. */
    void releaseLater(LockName name, LockOwner owner, Duration lease) {
        withdrawals.later(name, owner, lease);
    }

    /** What was answered, and when it is worth asking again. */
    private record Look(LeaseAnswer answer, Duration again, boolean isFinal) {}

    private LeaseAnswer awaited(
            LockName name,
            LockOwner owner,
            Duration length,
            long endNanos,
            CompletableFuture<?> unless,
            LostAnswer lost)
            throws InterruptedException {
        // Before it asks, so that it hears of every release after its answer.
        WaitingOwner self = waiting.enter(owner);
        try {
            unless.whenComplete((result, failure) -> self.lookIn(0));
            Duration retry = FIRST_RETRY;
            while (true) {
                boolean last = endNanos - System.nanoTime() <= 0 || unless.isDone();
                Duration pause;
                try {
                    Look look = asked(name, owner, length, !last || lost == LostAnswer.KEEP);
                    if (last || look.isFinal()) {
                        return look.answer();
                    }
                    pause = look.again();
                    retry = FIRST_RETRY;
                } catch (RedisUnavailableException e) {
                    if (last || e.reason() == Reason.INTERRUPTED) {
                        throw e;
                    }
                    pause = retry;
                    retry = shorter(retry.multipliedBy(2), LAST_RETRY);
                }
                self.await(Math.min(pause.toNanos(), endNanos - System.nanoTime()));
            }
        } finally {
            waiting.leave(owner, self);
        }
    }

    private Look asked(LockName name, LockOwner owner, Duration length, boolean waits) {
        long asked = System.nanoTime();
        return switch (store.acquire(name, owner, length, waits)) {
            case LockStore.Answer.Taken(long fence) ->
                new Look(new LeaseAnswer.Taken(new Lease(name, owner, fence, length, asked)), Duration.ZERO, true);
            case LockStore.Answer.Full(Duration remaining) ->
                new Look(new LeaseAnswer.Busy(remaining, Line.MOST), Duration.ZERO, true);
            case LockStore.Answer.NotYet(Duration remaining, Duration turn, int ahead) ->
                new Look(
                        new LeaseAnswer.Busy(remaining, ahead),
                        shorter(turn, waiting.isLive() ? Line.LOOK : Line.LOOK_UNHEARD),
                        false);
        };
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static InterruptedException interrupted(RedisUnavailableException cause) {
        var interrupted = new InterruptedException("while Redis was asked for a lock");
        interrupted.initCause(cause);
        return interrupted;
    }

    /** Hears no more news and gives nothing more back; who still waits looks by itself. What is held ends with its lease. */
    @Override
    public void close() {
        waiting.close();
        withdrawals.close();
    }
}
