package dev.sluice;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/** The wall's time, at the monotonic clock's pace: what is kept in memory ends when it should, however the wall's clock is set. */
public final class SteadyClock {
    private SteadyClock() {}

    /** Microseconds since 1970, as the wall's clock says now; from then on they never go back. Thread-safe. */
    public static LongSupplier micros() {
        long offset = InstantSource.system().millis() * 1_000 - System.nanoTime() / 1_000;
        return () -> offset + System.nanoTime() / 1_000;
    }
}
