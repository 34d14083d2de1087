package dev.sluice.simulator;

import java.util.function.LongSupplier;

/** Nanoseconds since the simulator's start, and the wall time that went with them at the start: one never jumps, the other is derived. */
final class SimulatorClock {
    private final LongSupplier nanoTime;
    private final long startNanos;
    private final long startWallMicros;

    SimulatorClock(LongSupplier nanoTime, long startWallMicros) {
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
        this.startWallMicros = startWallMicros;
    }

    static SimulatorClock system() {
        return new SimulatorClock(System::nanoTime, System.currentTimeMillis() * 1000);
    }

    long nanos() {
        return nanoTime.getAsLong() - startNanos;
    }

    long wallMicros(long nanos) {
        return startWallMicros + nanos / 1000;
    }

    long wallSeconds() {
        return wallMicros(nanos()) / 1_000_000;
    }
}
