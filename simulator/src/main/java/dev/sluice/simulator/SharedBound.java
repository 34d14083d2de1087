package dev.sluice.simulator;

import java.util.concurrent.atomic.AtomicLong;

/** A number of things that several owners keep together, each dropping its own oldest when it is over. Thread-safe. */
final class SharedBound {
    private final long most;
    private final AtomicLong used = new AtomicLong();

    SharedBound(long most) {
        this.most = most;
    }

    boolean isOver() {
        return used.get() > most;
    }

    boolean wouldExceed(long more) {
        return used.get() + more > most;
    }

    void take(long amount) {
        used.addAndGet(amount);
    }

    void giveBack(long amount) {
        used.addAndGet(-amount);
    }
}
