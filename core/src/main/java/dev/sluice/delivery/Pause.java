package dev.sluice.delivery;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Bounded pauses between tries. */
final class Pause {
    private Pause() {}

    /** Pauses, or returns early when the caller leaves. */
    static void sleep(Duration pause, Caller caller) throws InterruptedException {
        if (pause.isPositive()) {
            var left = new CountDownLatch(1);
            caller.onLeave(left::countDown);
            boolean gone = left.await(pause.toNanos(), TimeUnit.NANOSECONDS);
            assert !gone || caller.hasLeft();
        }
    }

    /** @return false if the thread was interrupted; the flag is kept */
    static boolean sleepUnlessInterrupted(Duration pause) {
        try {
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
