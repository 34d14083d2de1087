package dev.sluice.server.worker;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Wakes the one who listens, also if it rang just before. Thread-safe. */
final class Bell {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition rung = lock.newCondition();
    private long rings;
    private boolean removed;

    /** @return false if nobody listens any more */
    boolean ring() {
        lock.lock();
        try {
            rings++;
            rung.signalAll();
            return !removed;
        } finally {
            lock.unlock();
        }
    }

    /** What it has rung so far; to be asked before looking for what it rings for. */
    long heard() {
        lock.lock();
        try {
            return rings;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until it rings more than {@code heard}, at most {@code longest}. */
    void await(long heard, Duration longest) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = longest.toNanos();
            while (rings == heard && left > 0) {
                left = rung.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Stops listening, unless it has rung more than {@code heard}. */
    boolean removeUnlessRungSince(long heard) {
        lock.lock();
        try {
            removed |= rings == heard;
            return removed;
        } finally {
            lock.unlock();
        }
    }

    void remove() {
        lock.lock();
        try {
            removed = true;
        } finally {
            lock.unlock();
        }
    }
}
