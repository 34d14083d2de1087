package dev.sluice.budget;

import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Redis counts as long as it can be asked; else what the policy says. Every consumption asks Redis first, so the first answer ends the
 * outage. What passed meanwhile is added to Redis' counts then: for a user who comes again, before anything else, so that it
 * is exact for what this replica let through; for the others, on a thread of its own. What may have been counted already is not added: at
 * most once, in favour of the user.
 */
final class FailoverBudgets implements Budgets {
    private static final long NO_OUTAGE = Long.MIN_VALUE;
    private static final int TURNS = 256;

    private final SharedBudgets redis;
    private final OwnCounts own;
    private final OnStoreFailure policy;
    private final OutageListener listener;
    private final Executor later;
    private final AtomicLong began = new AtomicLong(NO_OUTAGE);
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
        return inTurn(user.id(), () -> consumed(budget, user));
    }

    private Consumption consumed(Budget budget, BudgetUser user) {
        if (policy != OnStoreFailure.CLOSED) {
            try {
                report(budget, user.id());
            } catch (RedisUnavailableException e) {
                return without(e, budget, user, false);
            }
        }
        Consumption answer;
        try {
            answer = redis.consume(budget, user);
        } catch (RedisUnavailableException e) {
            return without(e, budget, user, e.mayHaveRun());
        }
        ended();
        heard(budget, answer.usage());
        return answer;
    }

    private Usage heard(Budget budget, Usage usage) {
        if (policy == OnStoreFailure.LOCAL) {
            own.heard(budget, usage);
        }
        return usage;
    }

    /** @param counted whether Redis may have counted it all the same */
    private Consumption without(RedisUnavailableException cause, Budget budget, BudgetUser user, boolean counted) {
        began(cause);
        return switch (policy) {
            case CLOSED -> throw cause;
            case OPEN -> own.consume(budget, user, false, counted);
            case LOCAL -> own.consume(budget, user, true, counted);
        };
    }

    @Override
    public Usage usage(Budget budget, long user) {
        return inTurn(user, () -> heard(budget, asked(() -> redis.usage(budget, user))));
    }

    @Override
    public Usage grant(Budget budget, long user, long messages) {
        return inTurn(user, () -> heard(budget, asked(() -> redis.grant(budget, user, messages))));
    }

    @Override
    public boolean reset(Budget budget, long user) {
        return inTurn(
                user,
                () -> asked(() -> {
                    boolean reset = redis.reset(budget, user);
                    own.forget(budget, user); // before the first answer after an outage lets it be reported
                    return reset;
                }));
    }

    @Override
    public BudgetPage scan(Budget budget, String cursor, int about) {
        return asked(() -> redis.scan(budget, cursor, about));
    }

    /**
     * While anything is owed, or just being reported, users come one after the other: whoever asked meanwhile would meet counts that
     * lack what is on its way there. Waits for as many questions to Redis as are before it, each of which has its deadline.
     */
    private <T> T inTurn(long user, Supplier<T> step) {
        if (!own.owesAny() && reports.get() == 0) {
            return step.get();
        }
        ReentrantLock turn = turns.get(Math.floorMod(Long.hashCode(user), turns.size()));
        turn.lock();
        try {
            return step.get();
        } finally {
            turn.unlock();
        }
    }

    private <T> T asked(Supplier<T> question) {
        T answer;
        try {
            answer = question.get();
        } catch (RedisUnavailableException e) {
            began(e);
            throw e;
        }
        ended();
        return answer;
    }

    /** @throws RedisUnavailableException the cause, if it says nothing about Redis: the thread was interrupted */
    private void began(RedisUnavailableException cause) {
        if (cause.reason() == Reason.INTERRUPTED) {
            throw cause;
        }
        if (began.compareAndSet(NO_OUTAGE, System.nanoTime())) {
            listener.outageBegan(cause);
        }
    }

    private void ended() {
        if (began.get() != NO_OUTAGE) {
            long since = began.getAndSet(NO_OUTAGE);
            if (since != NO_OUTAGE) {
                listener.outageEnded(Duration.ofNanos(System.nanoTime() - since));
            }
        }
        if (own.owesAny() && reporting.compareAndSet(false, true)) {
            later.execute(this::reportAll);
        }
    }

    private void reportAll() {
        try {
            for (OwnCounts.Owed owed : own.owed()) {
                inTurn(owed.user(), () -> {
                    report(owed.budget(), owed.user());
                    return owed;
                });
            }
        } catch (RedisUnavailableException e) {
            began(e); // the next answer begins anew
        } finally {
            reporting.set(false);
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
        long messages = own.take(budget, user);
        if (messages == 0) {
            return;
        }
        try {
            own.heard(budget, redis.add(budget, user, messages));
        } catch (RedisUnavailableException e) {
            if (!e.mayHaveRun()) {
                own.giveBack(budget, user, messages);
            }
            throw e;
        }
    }
}
