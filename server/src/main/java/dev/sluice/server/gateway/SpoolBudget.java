package dev.sluice.server.gateway;

import java.util.concurrent.atomic.AtomicLong;

/** What all spools together may hold. Thread-safe. */
final class SpoolBudget {
    private final AtomicLong used = new AtomicLong();
    private final AtomicLong inMemory = new AtomicLong();
    private final SpoolSettings settings;

    SpoolBudget(SpoolSettings settings) {
        this.settings = settings;
    }

    boolean tryTake(int bytes) {
        return tryAdd(used, bytes, settings.total());
    }

    void giveBack(long bytes) {
        used.addAndGet(-bytes);
    }

    boolean tryTakeMemory(int bytes) {
        return tryAdd(inMemory, bytes, settings.memoryTotal());
    }

    void giveBackMemory(long bytes) {
        inMemory.addAndGet(-bytes);
    }

    /** Bytes held now, in memory and in files. */
    long used() {
        return used.get();
    }

    private static boolean tryAdd(AtomicLong counter, int bytes, long most) {
        if (counter.addAndGet(bytes) <= most) {
            return true;
        }
        counter.addAndGet(-bytes);
        return false;
    }
}
