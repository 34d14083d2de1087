package dev.sluice.lock;

import dev.sluice.redis.Announcements.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Locks of one process. Each step holds one lock over all; what is neither held nor waited for is forgotten when there is no room. */
final class InMemoryLockStore implements LockStore {
    /** Some 30 MB. */
    static final int MOST_HELD = 100_000;

    private final LongSupplier microClock;
    private final int mostHeld;
    private final ReentrantLock step = new ReentrantLock();
    private final Map<LockName, HeldInMemory> locks = new HashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

    /** Of all locks, so that those may be forgotten that nobody holds. */
    private long lastFence;

    InMemoryLockStore(LongSupplier microClock, int mostHeld) {
        this.microClock = microClock;
        this.mostHeld = mostHeld;
    }

    @Override
    public Answer acquire(LockName name, LockOwner owner, Duration lease, boolean waits) {
        return atomically(() -> {
            long now = microClock.getAsLong();
            HeldInMemory lock = held(name, now);
            if (lock.isOf(owner, now)) {
                lock.renew(now + micros(lease));
                return new Answer.Taken(lock.fence());
            }
            lock.dropTheDead(now);
            int ahead = lock.ahead(owner);
            boolean held = lock.isHeld(now);
            long mine = lock.ends() + ahead * micros(Line.TURN);
            if (!held && mine <= now) {
                lastFence = Math.max(lastFence + 1, now);
                lock.take(owner, lastFence, now, micros(lease));
                return new Answer.Taken(lastFence);
            }
            Duration remaining = duration(held ? lock.ends() - now : 0);
            if (!waits) {
                lock.leave(owner);
            } else if (!lock.stands(owner) && ahead >= Line.MOST) {
                return new Answer.Full(remaining);
            } else {
                lock.keepPlace(owner, now + micros(Line.PLACE));
            }
            return new Answer.NotYet(remaining, duration(Math.max(0, mine - now)), ahead);
        });
    }

    @Override
    public boolean renew(LockName name, LockOwner owner, Duration lease) {
        return atomically(() -> {
            long now = microClock.getAsLong();
            HeldInMemory lock = locks.get(name);
            if (lock == null || !lock.isOf(owner, now)) {
                return false;
            }
            lock.renew(now + micros(lease));
            return true;
        });
    }

    @Override
    public boolean release(LockName name, LockOwner owner) {
        List<LockOwner> next;
        boolean was;
        step.lock();
        try {
            long now = microClock.getAsLong();
            HeldInMemory lock = locks.get(name);
            if (lock == null) {
                return false;
            }
            lock.leave(owner);
            was = lock.isOf(owner, now);
            if (!lock.free(owner, now)) {
                return false;
            }
            lock.dropTheDead(now);
            next = lock.next(Line.TOLD);
            if (next.isEmpty()) {
                locks.remove(name);
            }
        } finally {
            step.unlock();
        }
        if (!next.isEmpty()) {
            String ids = next.stream().map(LockOwner::id).collect(Collectors.joining(" "));
            listeners.forEach(listener -> listener.accept(ids));
        }
        return was;
    }

    @Override
    public LockStanding look(LockName name) {
        return atomically(() -> {
            long now = microClock.getAsLong();
            HeldInMemory lock = locks.get(name);
            if (lock == null) {
                return new LockStanding(false, 0, Optional.empty(), Duration.ZERO, 0);
            }
            lock.dropTheDead(now);
            boolean held = lock.isHeld(now);
            return new LockStanding(
                    held,
                    lock.fence(),
                    held ? Optional.of(Instant.EPOCH.plus(lock.since(), ChronoUnit.MICROS)) : Optional.empty(),
                    duration(held ? lock.ends() - now : 0),
                    lock.waiting());
        });
    }

    @Override
    public Subscription listen(Consumer<String> next) {
        listeners.add(next);
        return new Subscription() {
            @Override
            public boolean isLive() {
                return true;
            }

            @Override
            public void close() {
                listeners.remove(next);
            }
        };
    }

    private HeldInMemory held(LockName name, long now) {
        HeldInMemory known = locks.get(name);
        if (known != null) {
            return known;
        }
        if (locks.size() >= mostHeld) {
            locks.values().removeIf(lock -> lock.isIdle(now));
            if (locks.size() >= mostHeld) {
                throw new TooManyLocksException(mostHeld);
            }
        }
        var fresh = new HeldInMemory();
        locks.put(name, fresh);
        return fresh;
    }

    private <T> T atomically(Supplier<T> work) {
        step.lock();
        try {
            return work.get();
        } finally {
            step.unlock();
        }
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }

    private static Duration duration(long micros) {
        return Duration.of(micros, ChronoUnit.MICROS);
    }
}
