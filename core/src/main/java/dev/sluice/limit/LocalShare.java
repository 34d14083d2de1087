package dev.sluice.limit;

import dev.sluice.limit.Acquisition.Enforcement;
import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisWatch;
import dev.sluice.redis.ServerClocks;
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
 * <p>A replica that asks nothing notices nothing. So a {@link RedisWatch} should tell it what it finds: {@link #watched}.
 *
 * <p>When Redis' clock jumps ahead, by a failover to a server with another clock for example, what was spent seems to be long ago, and Redis
 * would let all of each limit pass once more. {@link #heard} notices that by the first answer after the jump, before it is acted
 * upon; for one window from then Redis and the share must both allow. So where this replica was the only one, no window admits more
 * than its number; else each of {@code k} admits a k-th at most in which it counts what it spent itself before the jump, so all of
 * them at most {@code 2 - 1/k} times the number, and only if one of them alone had spent it.
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

    private final StoreReturn back = new StoreReturn();
    private final ServerClocks clocks = new ServerClocks();

    /** How many outages and jumps there were; none spares a lock on the way that is nearly always taken. */
    private volatile long troubles;

    /**
     * An outage, or a jump of Redis' clock: that took no time.
     *
     * @param alone whether this replica was the only one, so that it knows all that was spent
     */
    private record Outage(long began, long ended, boolean alone, boolean jump) {
        /** Whether anybody can have spent on a share of this limit meanwhile, and whether that may still count. */
        boolean matters(Limit share, long now) {
            long span = Microseconds.span(share);
            long counts = share instanceof Limit.Gcra ? span * share.capacity() : span;
            return now < ended + counts + SKEW_MICROS && (alone || jump || ended - began >= span - SKEW_MICROS);
        }
    }

    /** What the share says before Redis is asked; ends with either {@link #keep} or {@link #giveBack}. */
    public final class Reservation {
        private final Decision decision;
        private final Acquisition asked;
        private final Acquisition reserved;
        private final Optional<Acquisition> rest;
        private final long since;
        private final long troublesBefore;
        private final boolean jumpsOnly;

        private Reservation(
                Decision decision,
                Acquisition asked,
                Acquisition reserved,
                Optional<Acquisition> rest,
                long since,
                long troublesBefore,
                boolean jumpsOnly) {
            this.decision = decision;
            this.asked = asked;
            this.reserved = reserved;
            this.rest = rest;
            this.since = since;
            this.troublesBefore = troublesBefore;
            this.jumpsOnly = jumpsOnly;
        }

        /** Its own decision over the buckets on probation; allowed, of no remaining, where none is. */
        public Decision decision() {
            return decision;
        }

        /**
         * Redis allowed it too.
         *
         * @return the share's denial, if it does not allow it after all: buckets came on probation while Redis was asked
         */
        public Optional<Denied> keep() {
            if (troublesBefore != troubles && asked.enforcement() == Enforcement.ENFORCED) {
                giveBack();
                Reservation anew = reserve(asked, jumpsOnly);
                if (anew.decision instanceof Denied denied) {
                    return Optional.of(denied);
                }
                anew.rest.ifPresent(spent::record);
            } else {
                rest.ifPresent(spent::record);
            }
            return Optional.empty();
        }

        /** The same, unless Redis let it pass uncharged, in shadow mode: then it counts here no more than there. */
        public Optional<Denied> keep(Allowed byRedis) {
            return byRedis.shadowDenied().isEmpty() ? keep() : Optional.empty();
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
     * Allows what touches none, and whatever is not to be held back.
     */
    public Reservation reserve(Acquisition acquisition) {
        return reserve(acquisition, false);
    }

    /** The same where nobody spends anything while Redis is away, so that only its clock's jumps matter. */
    public Reservation reserveAfterJump(Acquisition acquisition) {
        return reserve(acquisition, true);
    }

    private Reservation reserve(Acquisition acquisition, boolean jumpsOnly) {
        long before = troubles;
        List<Charge> onProbation = acquisition.enforcement() == Enforcement.ENFORCED
                ? onProbation(acquisition.charges(), jumpsOnly)
                : List.of();
        if (onProbation.isEmpty()) {
            return new Reservation(
                    new Allowed(0, List.of()),
                    acquisition,
                    acquisition,
                    Optional.of(acquisition),
                    0,
                    before,
                    jumpsOnly);
        }
        var rest = new ArrayList<>(acquisition.charges());
        rest.removeAll(onProbation);
        Acquisition share = ShareOfLimits.of(
                new Acquisition(onProbation, Enforcement.ENFORCED, acquisition.waiter(), acquisition.cameAgo()),
                replicas());
        long since = microClock.getAsLong();
        return new Reservation(
                spent.tryAcquire(share),
                acquisition,
                share,
                rest.isEmpty() ? Optional.empty() : Optional.of(Acquisition.of(rest)),
                since,
                before,
                jumpsOnly);
    }

    /** Whether Redis and the share must both allow, since others may still spend what Redis does not know of. */
    public boolean onProbation(Acquisition acquisition) {
        return !onProbation(acquisition.charges(), false).isEmpty();
    }

    private List<Charge> onProbation(List<Charge> charges, boolean jumpsOnly) {
        if (troubles == 0) {
            return List.of();
        }
        int k = replicas();
        var found = new ArrayList<Charge>(charges.size());
        lock.lock();
        try {
            long now = microClock.getAsLong();
            for (Charge charge : charges) {
                Limit share = ShareOfLimits.of(charge.limit(), k);
                if (past.stream().anyMatch(outage -> (outage.jump || !jumpsOnly) && outage.matters(share, now))) {
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
        return spent.flooded(new Flood(
                flood.bot(), flood.chat(), flood.retryAfter(), flood.ofAllChats(), shares, microClock.getAsLong()));
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
            current = Optional.of(new Outage(now, Long.MAX_VALUE, replicas() == 1, false));
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
        back.failed(cause);
        if (outageBegan()) {
            listener.outageBegan(cause);
        }
    }

    /**
     * Redis answered, so that it is back, which the listener hears of unless it was known.
     *
     * @param written whether something was written for it: a Redis that takes no writes answers all the same, and is not back
     */
    public void answered(boolean written, OutageListener listener) {
        if (current.isPresent() && back.isBy(written)) {
            outageEnded().ifPresent(listener::outageEnded);
        }
    }

    /** What is to be told of all that a watch finds, so that this replica notices outages, their ends and jumps though nobody asks it. */
    public RedisWatch.Guard watched(OutageListener listener) {
        return new RedisWatch.Guard() {
            @Override
            public void lost(RedisUnavailableException cause) {
                if (outageBegan()) {
                    listener.outageBegan(cause);
                }
                if (cause.isRefusal()) {
                    back.refused();
                }
            }

            @Override
            public void found() {
                if (current.isPresent() && back.isByWatch()) {
                    outageEnded().ifPresent(listener::outageEnded);
                }
            }

            @Override
            public void time(String part, long micros, Duration ago) {
                heard(part, now() - Microseconds.of(ago), micros);
            }
        };
    }

    /** The clock of this share, for {@link #heard}. */
    public long now() {
        return microClock.getAsLong();
    }

    /**
     * What time it was on a part of Redis, by an answer. If its clock jumped, Redis and the share must both allow for one window from now.
     *
     * @param part as {@link dev.sluice.redis.ScriptRunner#shardOf} calls it
     * @param asked {@link #now} before it was asked
     * @param server microseconds of its clock, taken since
     */
    public void heard(String part, long asked, long server) {
        long now = now();
        if (clocks.read(part, asked, server, now).isPresent()) {
            lock.lock();
            try {
                remember(new Outage(now, now, false, true));
            } finally {
                lock.unlock();
            }
        }
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
            remember(new Outage(outage.began, now, outage.alone, false));
            current = Optional.empty();
            back.ended();
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
            past.addFirst(
                    new Outage(first.began, second.ended, first.alone || second.alone, first.jump || second.jump));
        }
        past.addLast(outage);
        long before = troubles; // under the lock
        troubles = before + 1;
    }

    private int replicas() {
        return Math.max(1, replicas.getAsInt());
    }
}
