package dev.sluice.budget;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/** Budgets of one process. Each step holds one lock; what has ended is swept by later steps, a few at a time. */
final class InMemoryBudgets implements SharedBudgets {
    /** Some 200 MB. */
    static final int MOST_HELD = 1_000_000;

    /** More than one step can add, so that sweeping outpaces adding. */
    private static final int SWEPT_PER_STEP = 2;

    private final LongSupplier microClock;
    private final int mostHeld;
    private final ReentrantLock lock = new ReentrantLock();
    private final TreeMap<Place, Counters> held = new TreeMap<>();
    private final TreeSet<End> ends = new TreeSet<>();

    private record Place(String budget, long user) implements Comparable<Place> {
        private static final Comparator<Place> ORDER =
                Comparator.comparing(Place::budget).thenComparingLong(Place::user);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }
    }

    private record End(long at, Place place) implements Comparable<End> {
        private static final Comparator<End> ORDER =
                Comparator.comparingLong(End::at).thenComparing(End::place);

        @Override
        public int compareTo(End other) {
            return ORDER.compare(this, other);
        }
    }

    /**
     * @param microClock microseconds since 1970
     * @param mostHeld how many users are held; beyond that, whose window ends soonest is forgotten
     */
    InMemoryBudgets(LongSupplier microClock, int mostHeld) {
        this.microClock = microClock;
        this.mostHeld = mostHeld;
    }

    /** What a step leaves behind, and what it answers. */
    private record Step<T>(Counters after, T answer) {}

    @Override
    public Consumption consume(Budget budget, BudgetUser user) {
        return consume(budget, user, (counters, now) -> counters);
    }

    @Override
    public Consumption addAndConsume(Budget budget, BudgetUser user, long messages, Duration left) {
        return consume(budget, user, reported(budget, messages, left));
    }

    /** @param first what comes before, in the same step */
    private Consumption consume(Budget budget, BudgetUser user, Rule<Counters> first) {
        boolean exempt = budget.whitelist().contains(user);
        return step(budget, user.id(), (before, now) -> {
            Counters counters = first.apply(before, now);
            boolean passes = exempt || counters.left(budget) > 0;
            Counters after = passes ? counters.passed(budget.window(), now) : counters.rejecting(budget.window(), now);
            Usage usage = Usage.of(budget, user.id(), after, now);
            Consumption answer = exempt
                    ? new Consumption.Exempt(usage)
                    : passes ? new Consumption.Allowed(usage) : new Consumption.Exhausted(usage);
            return new Step<>(after, answer);
        });
    }

    @Override
    public Usage add(Budget budget, long user, long messages, Duration left) {
        return changed(budget, user, reported(budget, messages, left));
    }

    private static Rule<Counters> reported(Budget budget, long messages, Duration left) {
        return (counters, now) -> counters.reported(messages, now + BudgetScripts.micros(left), budget.window(), now);
    }

    @Override
    public Usage usage(Budget budget, long user) {
        BudgetUser.requireId(user);
        return locked(now -> {
            Counters counters = held.getOrDefault(new Place(budget.name(), user), Counters.NONE)
                    .at(now, budget.window());
            return Usage.of(budget, user, counters, now);
        });
    }

    @Override
    public Usage grant(Budget budget, long user, long messages) {
        BudgetScripts.requireGrant(messages);
        return changed(budget, user, (counters, now) -> counters.granted(messages, budget.window(), now));
    }

    @Override
    public boolean reset(Budget budget, long user) {
        return step(budget, user, (counters, now) -> new Step<>(Counters.NONE, counters.ends() > 0));
    }

    @Override
    public BudgetPage scan(Budget budget, String cursor, int about) {
        BudgetScripts.requirePage(about);
        long after = BudgetScripts.position(cursor);
        lock.lock();
        try {
            long now = microClock.getAsLong();
            var users = new ArrayList<Usage>();
            var from = held.tailMap(new Place(budget.name(), after), false);
            for (Map.Entry<Place, Counters> entry : from.entrySet()) {
                if (!entry.getKey().budget().equals(budget.name())) {
                    break;
                }
                if (users.size() == about) {
                    return new BudgetPage(
                            users, Optional.of(Long.toString(users.getLast().user())));
                }
                Counters counters = entry.getValue().at(now, budget.window());
                if (counters.ends() > 0) {
                    users.add(Usage.of(budget, entry.getKey().user(), counters, now));
                }
            }
            return new BudgetPage(users, Optional.empty());
        } finally {
            lock.unlock();
        }
    }

    /** How many users are held: for tests. */
    int size() {
        lock.lock();
        try {
            return held.size();
        } finally {
            lock.unlock();
        }
    }

    @FunctionalInterface
    private interface Rule<T> {
        T apply(Counters counters, long now);
    }

    private Usage changed(Budget budget, long user, Rule<Counters> rule) {
        return step(budget, user, (counters, now) -> {
            Counters after = rule.apply(counters, now);
            return new Step<>(after, Usage.of(budget, user, after, now));
        });
    }

    private <T> T step(Budget budget, long user, Rule<Step<T>> rule) {
        BudgetUser.requireId(user);
        return locked(now -> {
            var place = new Place(budget.name(), user);
            Counters before = held.getOrDefault(place, Counters.NONE).at(now, budget.window());
            Step<T> step = rule.apply(before, now);
            keep(place, step.after());
            return step.answer();
        });
    }

    private <T> T locked(LongFunction<T> step) {
        lock.lock();
        try {
            long now = microClock.getAsLong();
            T answer = step.apply(now);
            sweep(now);
            return answer;
        } finally {
            lock.unlock();
        }
    }

    private void keep(Place place, Counters counters) {
        Counters old = counters.ends() == 0 ? held.remove(place) : held.put(place, counters);
        if (old != null) {
            ends.remove(new End(old.ends(), place));
        }
        if (counters.ends() > 0) {
            ends.add(new End(counters.ends(), place));
        }
    }

    private void sweep(long now) {
        for (int i = 0; i < SWEPT_PER_STEP && !ends.isEmpty(); i++) {
            End soonest = ends.getFirst();
            if (soonest.at() > now && held.size() <= mostHeld) {
                return;
            }
            ends.removeFirst();
            held.remove(soonest.place());
        }
    }
}
