package dev.sluice.budget;

import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.StoreReturn;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import dev.sluice.redis.RedisWatch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Redis counts as long as it can be asked; else what the policy says. Every consumption asks Redis first, so the first answer to one ends the
 * outage, and so does a watch that finds Redis back. What passed meanwhile is added to Redis' counts then: for a user who comes again,
 * before anything else, so that it is exact for what this replica let through; for the others, on a thread of its own, and for those who
 * are left when this is closed, then. What may have been counted already is not added: at most once, in favour of the user. Nor is what
 * passed in a window that is over.
 */
final class FailoverBudgets implements Budgets, RedisWatch.Guard {
    private static final Logger log = LoggerFactory.getLogger(FailoverBudgets.class);

    private static final long NO_OUTAGE = Long.MIN_VALUE;
    private static final int TURNS = 256;

    /** Some ten thousand users; a process that stops is waited for about as long. */
    private static final Duration LONGEST_CLOSING = Duration.ofSeconds(2);

    /** Some ten questions to a Redis that answers; beside one that does not, a turn that comes later is decided here. */
    private static final Duration LONGEST_TURN = Duration.ofMillis(5);

    private final SharedBudgets redis;
    private final OwnCounts own;
    private final OnStoreFailure policy;
    private final OutageListener listener;
    private final Executor later;
    private final AtomicLong began = new AtomicLong(NO_OUTAGE);
    private volatile long endedNanos = System.nanoTime();
    private final StoreReturn back = new StoreReturn();

    /** Held while the listener is told, so that it hears of beginning and end in that order. */
    private final ReentrantLock telling = new ReentrantLock();

    private final AtomicBoolean reporting = new AtomicBoolean();

    /** Under way. */
    private final AtomicInteger reports = new AtomicInteger();

    private final List<ReentrantLock> turns =
            Stream.generate(ReentrantLock::new).limit(TURNS).toList();

    FailoverBudgets(
            SharedBudgets redis, OwnCounts own, OnStoreFailure policy, OutageListener listener, Executor later) {
        this.redis = redis;
        this.own = own;
        this.policy = policy;
        this.listener = listener;
        this.later = later;
    }

    @Override
    public Consumption consume(Budget budget, BudgetUser user) {
        return inTurnWithin(user.id(), () -> consumed(budget, user))
                .orElseGet(() -> own.consume(budget, user, policy == OnStoreFailure.LOCAL, false));
    }

    /** What is owed for the user goes along, in the same step: one deadline is enough for both. */
    private Consumption consumed(Budget budget, BudgetUser user) {
        Optional<OwnCounts.Debt> owed = own.take(budget, user.id());
        Consumption answer;
        long asked = own.asking();
        long before = System.nanoTime();
        reports.addAndGet(owed.isPresent() ? 1 : 0);
        try {
            answer = owed.isPresent()
                    ? redis.addAndConsume(
                            budget, user, owed.get().messages(), owed.get().left())
                    : redis.consume(budget, user);
        } catch (RedisUnavailableException e) {
            if (!e.mayHaveRun()) {
                owed.ifPresent(debt -> own.giveBack(budget, user.id(), debt));
            }
            return without(e, before, budget, user, e.mayHaveRun());
        } finally {
            reports.addAndGet(owed.isPresent() ? -1 : 0);
        }
        ended();
        heard(budget, answer.usage(), asked);
        return answer;
    }

    /** Under {@code open}, for the window's end: what passes without Redis counts until then. */
    private void heard(Budget budget, Usage usage, long asked) {
        if (policy != OnStoreFailure.CLOSED) {
            own.heard(budget, usage, asked);
        }
    }

    /** @param counted whether Redis may have counted it all the same */
    private Consumption without(
            RedisUnavailableException cause, long before, Budget budget, BudgetUser user, boolean counted) {
        failed(cause, before);
        return switch (policy) {
            case CLOSED -> throw cause;
            case OPEN -> own.consume(budget, user, false, counted);
            case LOCAL -> own.consume(budget, user, true, counted);
        };
    }

    @Override
    public Usage usage(Budget budget, long user) {
        return inTurn(user, () -> heardOf(budget, () -> redis.usage(budget, user), false));
    }

    @Override
    public Usage grant(Budget budget, long user, long messages) {
        return inTurn(user, () -> heardOf(budget, () -> redis.grant(budget, user, messages), true));
    }

    private Usage heardOf(Budget budget, Supplier<Usage> question, boolean writes) {
        long asked = own.asking();
        Usage usage = asked(question, writes);
        heard(budget, usage, asked);
        return usage;
    }

    @Override
    public boolean reset(Budget budget, long user) {
        return inTurn(
                user,
                () -> asked(
                        () -> {
                            boolean reset = redis.reset(budget, user);
                            own.forget(budget, user); // before the first answer after an outage lets it be reported
                            return reset;
                        },
                        false));
    }

    @Override
    public BudgetPage scan(Budget budget, String cursor, int about) {
        return asked(() -> redis.scan(budget, cursor, about), false);
    }

    /**
     * While anything is owed, or just being reported, users come one after the other: whoever asked meanwhile would meet counts that
     * lack what is on its way there. Waits for as many questions to Redis as are before it, each of which has its deadline.
     */
    private <T> T inTurn(long user, Supplier<T> step) {
        if (!own.owesAny() && reports.get() == 0) {
            return step.get();
        }
        ReentrantLock turn = turn(user);
        turn.lock();
        try {
            return step.get();
        } finally {
            turn.unlock();
        }
    }

    /**
     * The same for who must not wait for others' deadlines beside its own. Whose turn does not come goes without one: a Redis that answers,
     * however slowly, decides, or one that is far away would be owed ever more. Empty, and nothing was done, if it is known not to answer.
     */
    private <T> Optional<T> inTurnWithin(long user, Supplier<T> step) {
        if (!own.owesAny() && reports.get() == 0) {
            return Optional.of(step.get());
        }
        ReentrantLock turn = turn(user);
        try {
            if (!turn.tryLock(LONGEST_TURN.toNanos(), TimeUnit.NANOSECONDS)) {
                return began.get() == NO_OUTAGE ? Optional.of(step.get()) : Optional.empty();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RedisUnavailableException(Reason.INTERRUPTED, "interrupted before its turn", false, e);
        }
        try {
            return Optional.of(step.get());
        } finally {
            turn.unlock();
        }
    }

    private ReentrantLock turn(long user) {
        return turns.get(Math.floorMod(Long.hashCode(user), turns.size()));
    }

    /** @param writes whether Redis refuses it when it takes no writes, so that an answer says that it does */
    private <T> T asked(Supplier<T> question, boolean writes) {
        T answer;
        long before = System.nanoTime();
        try {
            answer = question.get();
        } catch (RedisUnavailableException e) {
            failed(e, before);
            throw e;
        }
        if (back.isBy(StoreReturn.EVERYWHERE, writes)) {
            ended();
        }
        return answer;
    }

    /**
     * @param before {@link System#nanoTime} before Redis was asked
     * @throws RedisUnavailableException the cause, if it says nothing about Redis: the thread was interrupted
     */
    private void failed(RedisUnavailableException cause, long before) {
        StoreReturn.requireOfStore(cause);
        if (!isOld(before)) {
            back.failed(cause, StoreReturn.EVERYWHERE);
            began(cause);
        }
    }

    /** A failure that comes late says nothing of a Redis that has answered since. */
    private boolean isOld(long before) {
        return began.get() == NO_OUTAGE && before - endedNanos < 0;
    }

    private void began(RedisUnavailableException cause) {
        if (began.get() != NO_OUTAGE) {
            return;
        }
        telling.lock();
        try {
            if (began.compareAndSet(NO_OUTAGE, System.nanoTime())) {
                listener.outageBegan(cause);
            }
        } finally {
            telling.unlock();
        }
    }

    @Override
    public void lost(RedisUnavailableException cause, Duration ago) {
        if (isOld(System.nanoTime() - ago.toNanos())) {
            return;
        }
        if (cause.isRefusal()) {
            back.refused();
        }
        began(cause);
    }

    @Override
    public void found() {
        if (back.isByWatch()) {
            ended();
        }
    }

    private void ended() {
        if (began.get() != NO_OUTAGE) {
            telling.lock();
            try {
                endedNanos = System.nanoTime();
                long since = began.getAndSet(NO_OUTAGE);
                if (since != NO_OUTAGE) {
                    back.ended();
                    listener.outageEnded(Duration.ofNanos(endedNanos - since));
                }
            } finally {
                telling.unlock();
            }
        }
        if (own.owesAny() && reporting.compareAndSet(false, true)) {
            try {
                later.execute(this::reportAll);
            } catch (RejectedExecutionException e) {
                reporting.set(false); // the next answer, or the next look of the watch, tries again
            }
        }
    }

    private void reportAll() {
        try {
            reportUntil(Long.MAX_VALUE);
        } finally {
            reporting.set(false);
        }
    }

    /** @param until {@link System#nanoTime} relative to which nothing more is begun; all of it if the greatest number */
    private void reportUntil(long until) {
        long before = System.nanoTime();
        try {
            for (OwnCounts.Owed owed : own.owed()) {
                if (until != Long.MAX_VALUE && System.nanoTime() - until >= 0) {
                    return;
                }
                before = System.nanoTime();
                inTurn(owed.user(), () -> {
                    report(owed.budget(), owed.user());
                    return owed;
                });
            }
        } catch (RedisUnavailableException e) {
            failed(e, before); // the next answer begins anew
        }
    }

    private void report(Budget budget, long user) {
        reports.incrementAndGet();
        try {
            reportOwed(budget, user);
        } finally {
            reports.decrementAndGet();
        }
    }

    private void reportOwed(Budget budget, long user) {
        Optional<OwnCounts.Debt> taken = own.take(budget, user);
        if (taken.isEmpty()) {
            return;
        }
        OwnCounts.Debt debt = taken.get();
        long asked = own.asking();
        try {
            own.heard(budget, redis.add(budget, user, debt.messages(), debt.left()), asked);
        } catch (RedisUnavailableException e) {
            if (!e.mayHaveRun()) {
                own.giveBack(budget, user, debt);
            }
            throw e;
        }
    }

    /** Tells Redis what it is owed, within two seconds; what is left after that is not counted, and said in the log. */
    @Override
    public void close() {
        if (!own.owesAny()) {
            return;
        }
        try {
            reportUntil(System.nanoTime() + LONGEST_CLOSING.toNanos());
        } catch (RedisUnavailableException e) {
            // Interrupted: there is no time left.
        }
        int left = own.owed().size();
        if (left > 0) {
            log.warn("what passed for {} users while Redis was away could not be counted", left);
        }
    }
}
