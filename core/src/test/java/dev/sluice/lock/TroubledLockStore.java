package dev.sluice.lock;

import dev.sluice.redis.Announcements.Subscription;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A store that does what it is asked and whose answers are lost, or that cannot be reached, when a test says so. Thread-safe. */
final class TroubledLockStore implements LockStore {
    private final LockStore store;
    private volatile boolean away;
    private volatile boolean deaf;
    private final AtomicInteger lost = new AtomicInteger();
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger renewals = new AtomicInteger();

    TroubledLockStore(LockStore store) {
        this.store = store;
    }

    void goAway() {
        away = true;
    }

    void comeBack() {
        away = false;
    }

    /** From now on nobody hears who is next. */
    void loseNews() {
        deaf = true;
    }

    /** The next so many steps are done, and nobody is told. */
    void loseAnswers(int count) {
        lost.set(count);
    }

    private <T> T step(Supplier<T> step) {
        if (away) {
            throw new RedisUnavailableException("away", false, null);
        }
        T answer = step.get();
        if (lost.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new RedisUnavailableException("lost", true, null);
        }
        return answer;
    }

    @Override
    public Answer acquire(LockName name, LockOwner owner, Duration lease, boolean waits) {
        asked.incrementAndGet();
        return step(() -> store.acquire(name, owner, lease, waits));
    }

    @Override
    public boolean renew(LockName name, LockOwner owner, Duration lease) {
        renewals.incrementAndGet();
        return step(() -> store.renew(name, owner, lease));
    }

    @Override
    public boolean release(LockName name, LockOwner owner) {
        return step(() -> store.release(name, owner));
    }

    @Override
    public LockStanding look(LockName name) {
        return store.look(name);
    }

    @Override
    public Subscription listen(Consumer<String> next) {
        return store.listen(ids -> {
            if (!deaf) {
                next.accept(ids);
            }
        });
    }
}
