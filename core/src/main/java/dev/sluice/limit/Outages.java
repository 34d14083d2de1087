package dev.sluice.limit;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisWatch;
import dev.sluice.redis.ServerClocks;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What a {@link LocalShare} knows of outages and of jumps of Redis' clock: whether there is one, and which of the past still matter to a
 * limit. Listeners hear of each beginning and its end once, in that order. Thread-safe. Bounded.
 */
final class Outages {
    private static final long SKEW_MICROS = Microseconds.of(LocalShare.SKEW);
    private static final int KEPT = 32;

    private final LongSupplier microClock;
    private final BooleanSupplier alone;
    private final StoreReturn back;
    private final ServerClocks clocks = new ServerClocks();

    /** Held while listeners are told; taken before {@link #lock}. */
    private final ReentrantLock telling = new ReentrantLock();

    private final ReentrantLock lock = new ReentrantLock();

    /** Those that may still matter, oldest first. */
    private final Deque<Outage> past = new ArrayDeque<>();

    private volatile Optional<Outage> current = Optional.empty();

    /** The last that is over. */
    private volatile Optional<Outage> last = Optional.empty();

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

    /**
     * @param microClock microseconds that never go back
     * @param alone whether this replica is the only one
     */
    Outages(LongSupplier microClock, BooleanSupplier alone) {
        this.microClock = microClock;
        this.alone = alone;
        this.back = new StoreReturn(microClock);
    }

    /** How many there were, with jumps; none spares a lock on the way that is nearly always taken. */
    long troubles() {
        return troubles;
    }

    boolean isPresent() {
        return current.isPresent();
    }

    /** From when on each limit counts as spent by others, in the outage that goes on or else the last; empty if there are no others. */
    OptionalLong spentFrom() {
        return current.or(() -> last)
                .filter(outage -> !outage.alone)
                .map(outage -> OptionalLong.of(outage.began + SKEW_MICROS))
                .orElseGet(OptionalLong::empty);
    }

    /** Whether one that is over still matters to a share of a limit. */
    boolean matter(Limit share, boolean jumpsOnly) {
        lock.lock();
        try {
            long now = microClock.getAsLong();
            return past.stream().anyMatch(outage -> (outage.jump || !jumpsOnly) && outage.matters(share, now));
        } finally {
            lock.unlock();
        }
    }

    /** As {@link LocalShare#outageBegan()}. */
    boolean begin() {
        lock.lock();
        try {
            if (current.isPresent()) {
                return false;
            }
            long now = microClock.getAsLong();
            current = Optional.of(new Outage(now, Long.MAX_VALUE, alone.getAsBoolean(), false));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** As {@link LocalShare#outageEnded()}. */
    Optional<Duration> end() {
        lock.lock();
        try {
            if (current.isEmpty()) {
                return Optional.empty();
            }
            Outage outage = current.get();
            long now = microClock.getAsLong();
            var over = new Outage(outage.began, now, outage.alone, false);
            remember(over);
            last = Optional.of(over);
            current = Optional.empty();
            back.ended();
            return Optional.of(Microseconds.duration(now - outage.began));
        } finally {
            lock.unlock();
        }
    }

    /** As {@link LocalShare#outageBegan(RedisUnavailableException, String, long, OutageListener)}. */
    void failed(RedisUnavailableException cause, String part, long asked, OutageListener listener) {
        StoreReturn.requireOfStore(cause);
        if (!isOld(asked)) {
            back.failed(cause, part);
            begin(cause, listener);
        }
    }

    /** As {@link LocalShare#answered}. */
    void answered(String part, boolean written, OutageListener listener) {
        if (current.isPresent() && back.isBy(part, written)) {
            end(listener);
        }
    }

    /** As {@link LocalShare#heard}. */
    void heard(String part, long asked, long server) {
        long now = microClock.getAsLong();
        if (clocks.read(part, asked, server, now).isPresent()) {
            lock.lock();
            try {
                remember(new Outage(now, now, false, true));
            } finally {
                lock.unlock();
            }
        }
    }

    /** As {@link LocalShare#watched}. */
    RedisWatch.Guard watched(OutageListener listener) {
        return new RedisWatch.Guard() {
            @Override
            public void lost(RedisUnavailableException cause, Duration ago) {
                if (isOld(before(ago))) {
                    return;
                }
                if (begin(cause, listener)) {
                    back.lostEverywhere();
                }
                if (cause.isRefusal()) {
                    back.refused();
                }
            }

            @Override
            public void partLost() {
                back.partFails();
            }

            @Override
            public void found() {
                if (current.isPresent() && back.isByWatch()) {
                    end(listener);
                }
            }

            @Override
            public void time(String part, long micros, Duration ago) {
                heard(part, before(ago), micros);
            }
        };
    }

    /** @return false if that was known */
    private boolean begin(RedisUnavailableException cause, OutageListener listener) {
        if (current.isPresent()) {
            return false;
        }
        telling.lock();
        try {
            boolean began = begin();
            if (began) {
                listener.outageBegan(cause);
            }
            return began;
        } finally {
            telling.unlock();
        }
    }

    private void end(OutageListener listener) {
        telling.lock();
        try {
            end().ifPresent(listener::outageEnded);
        } finally {
            telling.unlock();
        }
    }

    private boolean isOld(long asked) {
        return current.isEmpty() && last.filter(over -> asked < over.ended).isPresent();
    }

    private long before(Duration ago) {
        return microClock.getAsLong() - Microseconds.of(ago);
    }

    private void remember(Outage outage) {
        long longest = Microseconds.of(Limit.LONGEST) + SKEW_MICROS;
        past.removeIf(old -> old.ended + longest <= outage.ended);
        if (past.size() == KEPT) {
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
}
