package dev.sluice.limit;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * This replica's share of the limits, for while Redis cannot be asked. Thread-safe.
 *
 * <pre>
 *   Redis decides ──outageBegan──▶ the share decides ──outageEnded──▶ both must allow ──one window + 1 s──▶ Redis decides
 *   reserve (passes), keep         tryAcquire                         reserve, keep or giveBack
 * </pre>
 *
 * <p>Guarantee: with {@code k} replicas that lose and find Redis within {@link #SKEW} of each other, no window of a strict
 * limit of at least {@code k} admits more than its number, over all of them: neither while Redis is away, nor around the
 * beginning and the end. Excepted are overdrafts, and single admissions that cost more than a share. What the others
 * spent just before is unknown, so with more than one replica a bucket counts as full when the outage begins; what they
 * spend on their shares is missing in Redis' books, so for one window after it Redis and the share must both allow. That
 * is spared where the outage was too short for anybody to have spent anything.
 *
 * <p>A limit of fewer than {@code k} is kept on average only: the shares of several replicas may fall together.
 *
 * <p>A replica that asks nothing notices nothing. Whatever beats for the replica must therefore tell {@link #outageBegan}
 * and {@link #outageEnded} too, several times within {@link #SKEW}; each may be told as often as one likes.
 */
public final class LocalShare {
    /** How far apart replicas notice that Redis is gone or back. */
    public static final Duration SKEW = Duration.ofSeconds(1);

    private static final long SKEW_MICROS = Microseconds.of(SKEW);
    private static final int OUTAGES_KEPT = 32;

    private final LongSupplier microClock;
    private final IntSupplier replicas;
    private final InMemoryRateLimiter spent;
    private final ReentrantLock lock = new ReentrantLock();

    /** The outages that may still matter, oldest first. */
    private final Deque<Outage> past = new ArrayDeque<>();

    private volatile Optional<Outage> current = Optional.empty();

    /** Whether no outage has ever been; spares a lock on the way that is nearly always taken. */
    private volatile boolean untroubled = true;

    /**
     * @param alone whether this replica was the only one, so that it knows all that was spent
     */
    private record Outage(long began, long ended, boolean alone) {
        /** Whether anybody can have spent on a share of this limit meanwhile, and whether that may still count. */
        boolean matters(Limit share, long now) {
            long span = Microseconds.span(share);
            long counts = share instanceof Limit.Gcra ? span * share.capacity() : span;
            return now < ended + counts + SKEW_MICROS && (alone || ended - began >= span - SKEW_MICROS);
        }
    }

    /** What the share says before Redis is asked; ends with either {@link #keep} or {@link #giveBack}. */
    public final class Reservation {
        private final Decision decision;
        private final Acquisition reserved;
        private final Optional<Acquisition> rest;
        private final long since;

        private Reservation(Decision decision, Acquisition reserved, Optional<Acquisition> rest, long since) {
            this.decision = decision;
            this.reserved = reserved;
            this.rest = rest;
            this.since = since;
        }

        /** Its own decision over the buckets on probation; allowed, of no remaining, where none is. */
        public Decision decision() {
            return decision;
        }

        /** Redis allowed it too. */
        public void keep() {
            rest.ifPresent(spent::record);
        }

        /** Redis denied it. */
        public void giveBack() {
            if (decision instanceof Allowed allowed && !allowed.remaining().isEmpty()) {
                spent.giveBack(reserved, since);
            }
        }
    }

    /** On the process' monotonic clock. */
    public LocalShare(IntSupplier replicas) {
        this(replicas, () -> System.nanoTime() / 1_000);
    }

    /**
     * @param replicas how many are known to have been alive when Redis last told, this one included; at least 1
     * @param microClock microseconds that never go back
     */
    public LocalShare(IntSupplier replicas, LongSupplier microClock) {
        this(replicas, microClock, new InMemoryRateLimiter(microClock));
    }

    private LocalShare(IntSupplier replicas, LongSupplier microClock, InMemoryRateLimiter spent) {
        this.replicas = replicas;
        this.microClock = microClock;
        this.spent = spent;
    }

    /**
     * For buckets of which there may be any number.
     *
     * @param mostHeld how many are held; beyond that, which is idle again soonest is forgotten, and with it what was spent there
     */
    public static LocalShare bounded(IntSupplier replicas, LongSupplier microClock, int mostHeld) {
        return new LocalShare(replicas, microClock, new InMemoryRateLimiter(microClock, mostHeld));
    }

    /** Decides by the share: for while Redis cannot be asked. */
    public Decision tryAcquire(Acquisition acquisition) {
        int k = replicas();
        Acquisition share = ShareOfLimits.of(acquisition, k);
        current.filter(outage -> !outage.alone).ifPresent(outage -> spent.fill(share, outage.began + SKEW_MICROS));
        return spent.tryAcquire(share);
    }

    /**
     * Decides by the share over those buckets that are on probation: to be asked before Redis while there is no outage.
     * Allows what touches none, and every overdraft.
     */
    public Reservation reserve(Acquisition acquisition) {
        List<Charge> onProbation = acquisition.overdraft() ? List.of() : onProbation(acquisition.charges());
        if (onProbation.isEmpty()) {
            return new Reservation(new Allowed(0, List.of()), acquisition, Optional.of(acquisition), 0);
        }
        var rest = new ArrayList<>(acquisition.charges());
        rest.removeAll(onProbation);
        Acquisition share = ShareOfLimits.of(
                new Acquisition(onProbation, false, acquisition.waiter(), acquisition.cameAgo()), replicas());
        long since = microClock.getAsLong();
        return new Reservation(
                spent.tryAcquire(share),
                share,
                rest.isEmpty() ? Optional.empty() : Optional.of(Acquisition.of(rest)),
                since);
    }

    /** Whether Redis and the share must both allow, since others may still spend what Redis does not know of. */
    public boolean onProbation(Acquisition acquisition) {
        return !onProbation(acquisition.charges()).isEmpty();
    }

    private List<Charge> onProbation(List<Charge> charges) {
        if (untroubled) {
            return List.of();
        }
        int k = replicas();
        var found = new ArrayList<Charge>(charges.size());
        lock.lock();
        try {
            long now = microClock.getAsLong();
            for (Charge charge : charges) {
                Limit share = ShareOfLimits.of(charge.limit(), k);
                if (past.stream().anyMatch(outage -> outage.matters(share, now))) {
                    found.add(charge);
                }
            }
        } finally {
            lock.unlock();
        }
        return found;
    }

    /** Keeps the books warm: an admission by Redis that was not reserved. */
    public void record(Acquisition acquisition) {
        spent.record(acquisition);
    }

    /** Lets what the share admitted count from later on, as {@link RateLimiter#postpone}. */
    public void postpone(Acquisition acquisition, Allowed admission, Duration by) {
        spent.postpone(ShareOfLimits.of(acquisition, replicas()), admission, by);
    }

    /** Remembers a park, so that it holds while Redis is away. */
    public void park(Bucket bucket, Duration duration) {
        spent.park(bucket, duration);
    }

    /**
     * Lets the share learn from a 429, so that it holds while Redis is away: only what this replica was told itself, and by what
     * it sent itself, which is its share of what Telegram let pass. When it was admitted Redis' clock may say, so it counts as now.
     */
    public Floods.Told flooded(Flood flood) {
        int k = replicas();
        List<Charge> shares = flood.charges().stream()
                .map(charge ->
                        ShareOfLimits.of(Acquisition.of(charge), k).charges().getFirst())
                .toList();
        return spent.flooded(new Flood(flood.bot(), flood.chat(), flood.retryAfter(), shares, microClock.getAsLong()));
    }

    /** Forgets what was learned about a bucket. */
    public boolean forgetLearned(Bucket bucket) {
        return spent.forgetLearned(bucket);
    }

    /** What this replica has spent of the limit, or of its share while Redis is away. */
    public BucketStatistics statistics(Bucket bucket, Limit limit) {
        return spent.statistics(bucket, current.isPresent() ? ShareOfLimits.of(limit, replicas()) : limit);
    }

    /**
     * Redis is gone.
     *
     * @return false if that was known
     */
    public boolean outageBegan() {
        lock.lock();
        try {
            if (current.isPresent()) {
                return false;
            }
            long now = microClock.getAsLong();
            current = Optional.of(new Outage(now, Long.MAX_VALUE, replicas() == 1));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The same, which the listener hears of unless it was known.
     *
     * @throws RedisUnavailableException the cause, if it says nothing about Redis: the thread was interrupted
     */
    public void outageBegan(RedisUnavailableException cause, OutageListener listener) {
        if (cause.reason() == RedisUnavailableException.Reason.INTERRUPTED) {
            throw cause;
        }
        if (outageBegan()) {
            listener.outageBegan(cause);
        }
    }

    /** Redis is back, which the listener hears of unless it was known. */
    public void outageEnded(OutageListener listener) {
        outageEnded().ifPresent(listener::outageEnded);
    }

    /**
     * Redis is back.
     *
     * @return how long it was away; empty if that was not known
     */
    public Optional<Duration> outageEnded() {
        lock.lock();
        try {
            if (current.isEmpty()) {
                return Optional.empty();
            }
            Outage outage = current.get();
            long now = microClock.getAsLong();
            remember(new Outage(outage.began, now, outage.alone));
            current = Optional.empty();
            return Optional.of(Microseconds.duration(now - outage.began));
        } finally {
            lock.unlock();
        }
    }

    /** Whether the share decides now. */
    public boolean isOutage() {
        return current.isPresent();
    }

    private void remember(Outage outage) {
        long longest = Microseconds.of(Limit.LONGEST) + SKEW_MICROS;
        past.removeIf(old -> old.ended + longest <= outage.ended);
        if (past.size() == OUTAGES_KEPT) {
            // As if Redis had been away from the one until the other: longer on probation, never shorter.
            Outage first = past.removeFirst();
            Outage second = past.removeFirst();
            past.addFirst(new Outage(first.began, second.ended, first.alone || second.alone));
        }
        past.addLast(outage);
        untroubled = false;
    }

    private int replicas() {
        return Math.max(1, replicas.getAsInt());
    }
}
