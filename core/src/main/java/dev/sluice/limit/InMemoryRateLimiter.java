package dev.sluice.limit;

import dev.sluice.limit.Acquisition.Enforcement;
import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.limit.HeldBuckets.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * Buckets of one process. A decision holds one lock; idle buckets are swept by later decisions, a few at a time.
 */
final class InMemoryRateLimiter implements LocalRateLimiter {
    /** As in {@code buckets.lua}. */
    static final long GRACE_MICROS = 100_000;

    static final int MOST_PLACES = 64;

    private static final long YIELD_MICROS = 10_000;

    /** The queue's place in line; no process is called so. */
    private static final String QUEUE = "@queue@@";

    private final LongSupplier microClock;
    private final ReentrantLock lock = new ReentrantLock();
    private final HeldBuckets buckets;

    private final List<Entry> touched = new ArrayList<>();
    private final FloodLessons lessons;

    /** @param microClock microseconds that never go back */
    InMemoryRateLimiter(LongSupplier microClock) {
        this(microClock, Integer.MAX_VALUE);
    }

    /** @param mostHeld how many buckets are held; beyond that, which is idle again soonest is forgotten */
    InMemoryRateLimiter(LongSupplier microClock, int mostHeld) {
        this.microClock = microClock;
        this.buckets = new HeldBuckets(mostHeld);
        this.lessons = new FloodLessons(bucket -> {
            Entry entry = buckets.get(bucket);
            touched.add(entry);
            return entry.state;
        });
    }

    @Override
    public Decision tryAcquire(Acquisition acquisition) {
        return locked(now -> {
            Judgement judgement = judge(acquisition, now);
            if (judgement.at <= now) {
                return charge(acquisition, process(acquisition), now);
            }
            Judgement held = shadowed(acquisition, judgement, now);
            return held.at <= now ? passed(acquisition, judgement, now) : deny(acquisition, held, now);
        });
    }

    @Override
    public Decision tryAcquireQueued(Acquisition acquisition, boolean owed) {
        return locked(now -> {
            long atAllChats = owed ? Long.MIN_VALUE : BucketState.NEWCOMER;
            long atOwnChat = since(acquisition, QUEUE, now);
            Judgement judgement = judge(
                    acquisition, QUEUE, bucket -> TelegramLimits.isOfAllChats(bucket) ? atAllChats : atOwnChat, now);
            if (judgement.at <= now) {
                return charge(acquisition, QUEUE, now);
            }
            Judgement held = shadowed(acquisition, judgement, now);
            if (held.at <= now) {
                return passed(acquisition, judgement, now);
            } else if (held.cause == Cause.PARK) {
                return denied(acquisition, held, now);
            }
            Charge limiting = acquisition.charges().get(judgement.limiting);
            Entry entry = buckets.get(limiting.bucket());
            if (judgement.since == Long.MIN_VALUE && judgement.cause != Cause.PARK && entry.state.waiting(now) > 0) {
                join(entry, QUEUE, Microseconds.of(Limit.LONGEST), limiting, judgement, now);
            }
            return denied(acquisition, judgement, now);
        });
    }

    @Override
    public Optional<Denied> denial(Acquisition acquisition) {
        return locked(now -> {
            Judgement judgement = shadowed(acquisition, judge(acquisition, now), now);
            return judgement.at <= now ? Optional.empty() : Optional.of(denied(acquisition, judgement, now));
        });
    }

    @Override
    public void standInLine(Acquisition acquisition, Bucket bucket, Duration turn) {
        locked(now -> {
            long since = since(acquisition, process(acquisition), now);
            var judgement = new Judgement(0, now + Microseconds.of(turn), Cause.TURN, since);
            acquisition.charges().stream()
                    .filter(charge ->
                            acquisition.waiter().isPresent() && charge.bucket().equals(bucket))
                    .forEach(charge -> join(
                            buckets.get(bucket),
                            process(acquisition),
                            Microseconds.of(acquisition.stays()),
                            charge,
                            judgement,
                            now));
            return now;
        });
    }

    private record Judgement(int limiting, long at, Cause cause, long since) {}

    private Judgement judge(Acquisition acquisition, long now) {
        String process = process(acquisition);
        long since = since(acquisition, process, now);
        return judge(acquisition, process, bucket -> since, now);
    }

    /** What is left of a denial where limits are in shadow mode: the parks. */
    private Judgement shadowed(Acquisition acquisition, Judgement judgement, long now) {
        return acquisition.enforcement() == Enforcement.SHADOWED && judgement.cause != Cause.PARK
                ? judge(acquisition.overdrawing(), now)
                : judgement;
    }

    private static Decision passed(Acquisition acquisition, Judgement denial, long now) {
        Charge limiting = acquisition.charges().get(denial.limiting);
        return new Allowed(now, List.of(), Optional.of(limiting.bucket()));
    }

    /** @param standing since when whoever asks stands in a bucket's line */
    private Judgement judge(Acquisition acquisition, String process, ToLongFunction<Bucket> standing, long now) {
        List<Charge> charges = acquisition.charges();
        var judgement = new Judgement(-1, now, Cause.LIMIT, BucketState.NEWCOMER);
        for (int i = 0; i < charges.size(); i++) {
            Charge charge = charges.get(i);
            Entry entry = buckets.find(charge.bucket());
            if (entry == null) {
                continue;
            }
            BucketState state = entry.state;
            long since = standing.applyAsLong(charge.bucket());
            long at = now;
            Cause cause = Cause.LIMIT;
            if (charge.weight() > 0 && !acquisition.overdraft()) {
                int ahead = state.ahead(process, since);
                at = state.earliest(charge.limit(), charge.weight(), ahead, now);
                long paced = state.pacedEarliest(charge.limit(), ahead, now);
                if (paced > at) {
                    at = paced;
                    cause = Cause.LEARNED;
                }
                if (ahead > 0 && at > now && fits(state, charge, now)) {
                    cause = Cause.TURN;
                    at = Math.min(at, state.lapse(process, since, now));
                } else if (ahead > 0 && at <= now && since == BucketState.NEWCOMER && process.equals(QUEUE)) {
                    // A place says that a process has somebody waiting, not how many: the queue would take what is
                    // theirs.
                    cause = Cause.TURN;
                    at = now + YIELD_MICROS;
                }
            }
            if (state.parkedUntil() > now && state.parkedUntil() >= at) {
                at = state.parkedUntil();
                cause = Cause.PARK;
            }
            if (at > judgement.at) {
                judgement = new Judgement(i, at, cause, since);
            }
        }
        return judgement;
    }

    private static boolean fits(BucketState state, Charge charge, long now) {
        return state.earliest(charge.limit(), charge.weight(), 0, now) <= now
                && state.pacedEarliest(charge.limit(), 0, now) <= now;
    }

    /** Since it came, if it says when; else by the oldest of the process' places. Forgets places that have lapsed. */
    private long since(Acquisition acquisition, String process, long now) {
        long since = BucketState.NEWCOMER;
        for (Charge charge : acquisition.charges()) {
            Entry entry = buckets.find(charge.bucket());
            if (entry != null) {
                since = Math.min(since, entry.state.since(process, now));
            }
        }
        return acquisition.cameAgo().isPresent()
                ? now - Microseconds.of(acquisition.cameAgo().get())
                : since;
    }

    private Decision charge(Acquisition acquisition, String process, long now) {
        var remaining = new ArrayList<Integer>(acquisition.charges().size());
        for (Charge charge : acquisition.charges()) {
            if (charge.weight() == 0) {
                Entry entry = buckets.find(charge.bucket());
                remaining.add(entry == null ? charge.limit().capacity() : entry.state.remaining(charge.limit(), now));
                continue;
            }
            Entry entry = buckets.get(charge.bucket());
            entry.state.charge(charge.limit(), charge.weight(), now);
            entry.state.leave(process);
            remaining.add(entry.state.passing(charge.limit(), now));
            buckets.keep(entry);
        }
        return new Allowed(now, remaining);
    }

    private Decision deny(Acquisition acquisition, Judgement judgement, long now) {
        Charge limiting = acquisition.charges().get(judgement.limiting);
        Entry entry = buckets.get(limiting.bucket());
        if (acquisition.waiter().isPresent() && judgement.cause != Cause.PARK) {
            join(entry, process(acquisition), Microseconds.of(acquisition.stays()), limiting, judgement, now);
        }
        return denied(acquisition, judgement, now);
    }

    private void join(Entry entry, String process, long stays, Charge limiting, Judgement judgement, long now) {
        long heldUntil = Math.min(judgement.at + GRACE_MICROS, now + stays);
        entry.state.join(process, limiting.weight(), judgement.since, heldUntil, MOST_PLACES, now);
        buckets.keep(entry);
    }

    private Denied denied(Acquisition acquisition, Judgement judgement, long now) {
        Charge limiting = acquisition.charges().get(judgement.limiting);
        return new Denied(
                limiting.bucket(),
                judgement.cause,
                Microseconds.duration(judgement.at - now),
                buckets.get(limiting.bucket()).state.passing(limiting.limit(), now));
    }

    @Override
    public void postpone(Acquisition acquisition, Allowed admission, Duration by) {
        Durations.require("a postponement", by, Limit.LONGEST_SPAN);
        locked(now -> {
            long from = admission.at();
            long to = Math.min(from + Microseconds.of(by), now);
            for (Charge charge : acquisition.charges()) {
                if (to > from && charge.weight() > 0) {
                    Entry entry = buckets.get(charge.bucket());
                    entry.state.postpone(charge.limit(), charge.weight(), from, to, now);
                    buckets.keep(entry);
                }
            }
            return now;
        });
    }

    /** Charges without asking: what was allowed elsewhere. */
    void record(Acquisition acquisition) {
        locked(now -> charge(acquisition, process(acquisition), now));
    }

    /** Counts the buckets as full from {@code at} on; once per {@code at}. */
    void fill(Acquisition acquisition, long at) {
        locked(now -> {
            for (Charge charge : acquisition.charges()) {
                Entry entry = buckets.get(charge.bucket());
                entry.state.fill(charge.limit(), at, now);
                buckets.keep(entry);
            }
            return now;
        });
    }

    /** Takes back a charge of {@code since} or later that was not used. */
    void giveBack(Acquisition acquisition, long since) {
        locked(now -> {
            for (Charge charge : acquisition.charges()) {
                Entry entry = buckets.find(charge.bucket());
                if (entry != null && charge.weight() > 0) {
                    entry.state.giveBack(charge.limit(), charge.weight(), since, now);
                }
            }
            return now;
        });
    }

    @Override
    public void join(Bucket from, Bucket into, Limit limit) {
        locked(now -> {
            Entry entry = buckets.find(from);
            if (entry != null) {
                Entry joined = buckets.get(into);
                joined.state.join(entry.state, limit, now);
                buckets.keep(joined);
            }
            return now;
        });
    }

    @Override
    public void refit(Bucket bucket, Limit limit) {
        locked(now -> {
            Entry entry = buckets.find(bucket);
            if (entry != null) {
                entry.state.refit(limit, now);
            }
            return now;
        });
    }

    private <T> T locked(LongFunction<T> step) {
        lock.lock();
        try {
            long now = microClock.getAsLong();
            buckets.sweepIdle(now);
            return step.apply(now);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void park(Bucket bucket, Duration duration) {
        Durations.require("a park", duration, LONGEST_PARK);
        locked(now -> {
            Entry entry = buckets.get(bucket);
            entry.state.park(now + Microseconds.of(duration));
            buckets.keep(entry);
            return now;
        });
    }

    @Override
    public BucketStatistics statistics(Bucket bucket, Limit limit) {
        return locked(now -> {
            Entry entry = buckets.find(bucket);
            BucketState state = entry == null ? new BucketState() : entry.state;
            return new BucketStatistics(
                    bucket,
                    limit,
                    state.used(limit, now),
                    state.remaining(limit, now),
                    Microseconds.duration(Math.max(now, state.emptyAt(limit)) - now),
                    Microseconds.duration(Math.max(now, state.parkedUntil()) - now),
                    state.waiting(now),
                    state.pace(now).map(pace -> pace.shown(limit, now)));
        });
    }

    @Override
    public Duration spacing(Bucket bucket, Limit limit) {
        return locked(now -> Optional.ofNullable(buckets.find(bucket))
                .flatMap(entry -> entry.state.pace(now))
                .map(pace -> Microseconds.duration(pace.interval(limit, now)))
                .orElse(Duration.ZERO));
    }

    @Override
    public Floods.Told flooded(Flood flood) {
        return locked(now -> {
            Floods.Told told = lessons.told(flood, now);
            touched.forEach(buckets::keep);
            touched.clear();
            return told;
        });
    }

    @Override
    public boolean forgetLearned(Bucket bucket) {
        return locked(now -> {
            Entry entry = buckets.find(bucket);
            if (entry == null || entry.state.pace(now).isEmpty()) {
                return false;
            }
            entry.state.forgetPace();
            return true;
        });
    }

    /** How many buckets are held: for tests and metrics. */
    int size() {
        lock.lock();
        try {
            return buckets.size();
        } finally {
            lock.unlock();
        }
    }

    private static String process(Acquisition acquisition) {
        return acquisition.waiter().map(Waiter::process).orElse("");
    }
}
