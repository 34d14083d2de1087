package dev.sluice.architecture.canary.fsm;

/** Reads the time where no test can set it. */
public final class ClockCanary {
    long now() {
        return System.currentTimeMillis();
    }
}
