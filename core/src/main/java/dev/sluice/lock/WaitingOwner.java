package dev.sluice.lock;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Somebody of this process who waits for a lock. Thread-safe; one thread waits. */
final class WaitingOwner {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition told = lock.newCondition();
    private boolean hasNews;
    private long lookNanos;

    /** Says that it is worth looking in a while; the latest word holds. */
    void lookIn(long nanos) {
        lock.lock();
        try {
            lookNanos = System.nanoTime() + nanos;
            hasNews = true;
            told.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits so long, or until it is worth looking; news that came since the last wait counts. */
    void await(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long end = System.nanoTime() + nanos;
            while (true) {
                long now = System.nanoTime();
                long left = hasNews ? Math.min(end - now, lookNanos - now) : end - now;
                if (left <= 0) {
                    hasNews = false;
                    return;
                }
                told.await(left, TimeUnit.NANOSECONDS);
            }
        } finally {
            lock.unlock();
        }
    }
}
