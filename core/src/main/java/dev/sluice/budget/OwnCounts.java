package dev.sluice.budget;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What this replica knows of budgets by itself: what Redis last said, and what has passed here since it cannot be asked.
 * Thread-safe. Bounded: beyond that, whoever was not heard of for longest is forgotten; first of those for whom Redis is owed nothing,
 * and only then of the others, for whom what passed stays unreported.
 */
final class OwnCounts {
    /** Some 30 MB. */
    static final int MOST_HELD = 100_000;

    private final LongSupplier microClock;
    private final IntSupplier replicas;
    private final int mostHeld;
    private final ReentrantLock lock = new ReentrantLock();

    /** For whom Redis is owed nothing, and for whom something; each has whoever was not heard of for longest first. */
    private final Map<Place, Own> quits = new LinkedHashMap<>(16, 0.75f, true);

    private final Map<Place, Own> owing = new LinkedHashMap<>(16, 0.75f, true);

    /** Orders what is asked and heard; changed without the lock. */
    private final AtomicLong moments = new AtomicLong();

    private volatile boolean owesAny;

    private record Place(String budget, long user) {}

    /** Of whom Redis is to be told. */
    record Owed(Budget budget, long user) {}

    /**
     * What Redis is to be told of a user.
     *
     * @param ends the end of the window in which they passed, by this replica's clock
     * @param left until then
     */
    record Debt(long messages, long ends, Duration left) {}

    private static final class Own {
        final Budget budget;

        /** As Redis last said; counts what passed here, too. */
        Counters counters = Counters.NONE;

        /** What has passed here since, and when last. */
        long passed;

        long passedAt;

        /** Of that, what Redis certainly has not counted. */
        long owed;

        /** When Redis was last heard of this user, and what time it was there. */
        long heardAt;

        long storeTime;

        Own(Budget budget) {
            this.budget = budget;
        }

        /**
         * Whether an answer is older than what is known: its question was asked before that was, and answered before it. News alone are not
         * compared by Redis' time, which may jump back.
         */
        boolean isOld(long asked, long time) {
            return asked < passedAt || asked < heardAt && time < storeTime;
        }
    }

    /**
     * @param microClock microseconds since 1970
     * @param replicas how many were alive when Redis last told
     */
    OwnCounts(LongSupplier microClock, IntSupplier replicas, int mostHeld) {
        this.microClock = microClock;
        this.replicas = replicas;
        this.mostHeld = mostHeld;
    }

    /** To be called before Redis is asked for what is then {@link #heard}. */
    long asking() {
        return moments.incrementAndGet();
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
            var place = new Place(budget.name(), user.id());
            Own own = known(place, budget, now);
            long share = share(budget, own);
            boolean passes = exempt || !shared || own.passed < share;
            if (passes) {
                own.counters = own.counters.passed(budget.window(), now);
                own.passed++;
                own.passedAt = moments.incrementAndGet();
                own.owed += counted ? 0 : 1;
            } else {
                own.counters = own.counters.rejecting(budget.window(), now);
            }
            keep(place, own);
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

    /**
     * Redis said what a user has.
     *
     * @param asked what {@link #asking} said before
     */
    void heard(Budget budget, Usage usage, long asked) {
        long time = Counters.micros(usage.resetsAt().minus(usage.resetsIn()));
        lock.lock();
        try {
            long now = microClock.getAsLong();
            var place = new Place(budget.name(), usage.user());
            Own own = known(place, budget, now);
            if (own.owed == 0 && !own.isOld(asked, time)) {
                Duration in = usage.resetsIn();
                long ends = in.isZero() ? 0 : now + Math.ceilDiv(in.toNanos(), 1_000);
                own.counters = new Counters(usage.count(), usage.rejected(), usage.bonus(), ends);
                own.passed = 0;
                own.storeTime = time;
                own.heardAt = moments.incrementAndGet();
            }
            keep(place, own);
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is counted for a user any more. */
    void forget(Budget budget, long user) {
        lock.lock();
        try {
            var place = new Place(budget.name(), user);
            quits.remove(place);
            owing.remove(place);
            owesAny = !owing.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Whether Redis is owed anything. */
    boolean owesAny() {
        return owesAny;
    }

    /** Whom Redis is to be told of: all that it is owed for. */
    List<Owed> owed() {
        lock.lock();
        try {
            var owed = new ArrayList<Owed>(owing.size());
            owing.forEach((place, own) -> owed.add(new Owed(own.budget, place.user())));
            return owed;
        } finally {
            lock.unlock();
        }
    }

    /** What Redis is to be told of a user now; empty if nothing, or nothing that still counts. It is owed no more. */
    Optional<Debt> take(Budget budget, long user) {
        if (!owesAny) {
            return Optional.empty();
        }
        lock.lock();
        try {
            var place = new Place(budget.name(), user);
            Own own = owing.get(place);
            if (own == null) {
                return Optional.empty();
            }
            long now = microClock.getAsLong();
            forgetWhatEnded(own, budget, now);
            long messages = own.owed;
            own.owed = 0;
            keep(place, own);
            long ends = own.counters.ends();
            return messages == 0
                    ? Optional.empty()
                    : Optional.of(new Debt(messages, ends, Duration.of(ends - now, ChronoUnit.MICROS)));
        } finally {
            lock.unlock();
        }
    }

    /** Redis was not told. */
    void giveBack(Budget budget, long user, Debt debt) {
        lock.lock();
        try {
            long now = microClock.getAsLong();
            if (debt.ends() <= now) {
                return;
            }
            var place = new Place(budget.name(), user);
            Own own = known(place, budget, now);
            if (own.counters.ends() == 0) {
                // Forgotten meanwhile, since others were heard of.
                own.counters = new Counters(debt.messages(), 0, 0, debt.ends());
                own.passed = debt.messages();
            }
            own.owed += debt.messages();
            keep(place, own);
        } finally {
            lock.unlock();
        }
    }

    /** What is known of a user, to be kept; what has ended is forgotten, with what is owed for it. */
    private Own known(Place place, Budget budget, long now) {
        @Nullable Own own = owing.get(place);
        if (own == null) {
            own = quits.get(place);
        }
        if (own == null) {
            return new Own(budget);
        }
        forgetWhatEnded(own, budget, now);
        return own;
    }

    private static void forgetWhatEnded(Own own, Budget budget, long now) {
        own.counters = own.counters.at(now, budget.window());
        if (own.counters.ends() == 0) {
            own.owed = 0;
            own.passed = 0;
        }
    }

    private void keep(Place place, Own own) {
        (own.owed > 0 ? quits : owing).remove(place);
        (own.owed > 0 ? owing : quits).put(place, own);
        if (quits.size() + owing.size() > mostHeld) {
            Iterator<Own> longest = (quits.isEmpty() ? owing : quits).values().iterator();
            longest.next();
            longest.remove();
        }
        owesAny = !owing.isEmpty();
    }
}
