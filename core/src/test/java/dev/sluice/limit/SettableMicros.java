package dev.sluice.limit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock in microseconds that stands still until it is set. Thread-safe. */
public final class SettableMicros implements LongSupplier {
    private final AtomicLong now = new AtomicLong(1_800_000_000_000_000L);

    @Override
    public long getAsLong() {
        return now.get();
    }

    public void advance(Duration duration) {
        advanceMicros(Microseconds.of(duration));
    }

    public void advanceMicros(long micros) {
        now.addAndGet(micros);
    }

    public void set(long micros) {
        now.set(micros);
    }
}
