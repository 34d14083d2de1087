package dev.sluice.delivery;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Bounded pauses between tries of what no caller waits for. */
public final class Pause {
    private Pause() {}

    /** @return false if the thread was interrupted; the flag is kept */
    public static boolean sleepUnlessInterrupted(Duration pause) {
        try {
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
