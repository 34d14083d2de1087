package dev.sluice.budget;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * What this replica knows of budgets by itself: what Redis last said, and what has passed here since it cannot be asked.
 * Thread-safe. Bounded: beyond that, whoever was not heard of for longest is forgotten, and what passed for them stays unreported.
 */
final class OwnCounts {
    /** Some 30 MB. */
    static final int MOST_HELD = 100_000;

    private final LongSupplier microClock;
    private final IntSupplier replicas;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Place, Own> held;
    /** How many users Redis is owed for; changed under the lock. */
    private final AtomicInteger unreported = new AtomicInteger();

    private record Place(String budget, long user) {}

    /** Of whom Redis is to be told. */
    record Owed(Budget budget, long user) {}

    private static final class Own {
        final Budget budget;

        /** As Redis last said; counts what passed here, too. */
        Counters counters = Counters.NONE;

        /** What has passed here since. */
        long passed;

        /** Of that, what Redis certainly has not counted. */
        long owed;

        Own(Budget budget) {
            this.budget = budget;
        }
    }

    /**
     * @param microClock microseconds since 1970
     * @param replicas how many were alive when Redis last told
     */
    OwnCounts(LongSupplier microClock, IntSupplier replicas, int mostHeld) {
        this.microClock = microClock;
        this.replicas = replicas;
        this.held = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Place, Own> eldest) {
                boolean full = size() > mostHeld;
                if (full) {
                    settled(eldest.getValue());
                }
                return full;
            }
        };
    }

    /**
     * Decides for one message without asking anybody.
     *
     * @param shared whether this replica keeps to its share of what was left; else everything passes
     * @param counted whether Redis may have counted it all the same, so that it must not be told again
     */
    Consumption consume(Budget budget, BudgetUser user, boolean shared, boolean counted) {
        boolean exempt = budget.whitelist().contains(user);
        lock.lock();
        try {
            long now = microClock.getAsLong();
            Own own = own(budget, user.id(), now);
            long share = share(budget, own);
            boolean passes = exempt || !shared || own.passed < share;
            if (passes) {
                own.counters = own.counters.passed(1, budget.window(), now);
                own.passed++;
                if (!counted) {
                    unreported.addAndGet(own.owed == 0 ? 1 : 0);
                    own.owed++;
                }
            } else {
                own.counters = own.counters.rejecting(budget.window(), now);
            }
            long left = shared ? Math.max(0, share - own.passed) : own.counters.left(budget);
            Usage usage = Usage.of(budget, user.id(), own.counters, now).incomplete(left);
            return exempt
                    ? new Consumption.Exempt(usage)
                    : passes ? new Consumption.Allowed(usage) : new Consumption.Exhausted(usage);
        } finally {
            lock.unlock();
        }
    }

    /** A k-th of what was left when Redis last said, floored, so that all shares together never exceed it. */
    private long share(Budget budget, Own own) {
        long countedBefore = own.counters.count() - own.passed;
        long left = Math.max(0, budget.limit() + own.counters.bonus() - countedBefore);
        return left / Math.max(1, replicas.getAsInt());
    }

    /** Redis said what a user has. */
    void heard(Budget budget, Usage usage) {
        lock.lock();
        try {
            long now = microClock.getAsLong();
            Own own = own(budget, usage.user(), now);
            if (own.owed == 0) {
                Duration in = usage.resetsIn();
                long ends = in.isZero() ? 0 : now + Math.ceilDiv(in.toNanos(), 1_000);
                own.counters = new Counters(usage.count(), usage.rejected(), usage.bonus(), ends);
                own.passed = 0;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is counted for a user any more. */
    void forget(Budget budget, long user) {
        lock.lock();
        try {
            Own own = held.remove(new Place(budget.name(), user));
            if (own != null) {
                settled(own);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether Redis is owed anything. */
    boolean owesAny() {
        return unreported.get() > 0;
    }

    /** Whom Redis is to be told of: all that it is owed for. */
    List<Owed> owed() {
        lock.lock();
        try {
            var owed = new ArrayList<Owed>(unreported.get());
            held.forEach((place, own) -> {
                if (own.owed > 0) {
                    owed.add(new Owed(own.budget, place.user()));
                }
            });
            return owed;
        } finally {
            lock.unlock();
        }
    }

    /** What Redis is to be told of a user now; 0 if nothing, or nothing that still counts. It is owed no more. */
    long take(Budget budget, long user) {
        if (!owesAny()) {
            return 0;
        }
        lock.lock();
        try {
            Own own = own(budget, user, microClock.getAsLong());
            long owed = own.owed;
            settled(own);
            return owed;
        } finally {
            lock.unlock();
        }
    }

    /** Redis was not told. */
    void giveBack(Budget budget, long user, long messages) {
        lock.lock();
        try {
            Own own = own(budget, user, microClock.getAsLong());
            unreported.addAndGet(own.owed == 0 ? 1 : 0);
            own.owed += messages;
        } finally {
            lock.unlock();
        }
    }

    /** What is known of a user; what has ended is forgotten, with what is owed for it. */
    private Own own(Budget budget, long user, long now) {
        Own own = held.computeIfAbsent(new Place(budget.name(), user), any -> new Own(budget));
        Counters counters = own.counters.at(now, budget.window());
        if (counters.ends() == 0) {
            settled(own);
            own.passed = 0;
        }
        own.counters = counters;
        return own;
    }

    private void settled(Own own) {
        unreported.addAndGet(own.owed > 0 ? -1 : 0);
        own.owed = 0;
    }
}
