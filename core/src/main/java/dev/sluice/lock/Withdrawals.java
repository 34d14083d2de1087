package dev.sluice.lock;

import dev.sluice.SluiceException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Gives locks back, behind the scenes, that were taken for nobody or whose release failed: until their lease would be over, which ends them
 * anyway. What is beyond the bound ends with its lease. Thread-safe.
 */
final class Withdrawals implements AutoCloseable {
    private static final int MOST = 1_000;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LAST_PAUSE = Duration.ofSeconds(1);

    private final LockStore store;
    private final Semaphore underWay = new Semaphore(MOST);
    private final CountDownLatch closed = new CountDownLatch(1);

    Withdrawals(LockStore store) {
        this.store = store;
    }

    void later(LockName name, LockOwner owner, Duration lease) {
        if (!underWay.tryAcquire()) {
            return;
        }
        Thread.ofVirtual().name("sluice-lock-release").start(() -> {
            try {
                long start = System.nanoTime();
                Duration pause = FIRST_PAUSE;
                while (System.nanoTime() - start < lease.toNanos() && !isReleased(name, owner)) {
                    if (closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                        return;
                    }
                    pause = pause.multipliedBy(2).compareTo(LAST_PAUSE) > 0 ? LAST_PAUSE : pause.multipliedBy(2);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                underWay.release();
            }
        });
    }

    private boolean isReleased(LockName name, LockOwner owner) {
        try {
            store.release(name, owner);
            return true;
        } catch (SluiceException e) {
            return false;
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
