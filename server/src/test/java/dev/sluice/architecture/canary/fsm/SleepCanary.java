package dev.sluice.architecture.canary.fsm;

/** Waits without anyone being able to end it. */
public final class SleepCanary {
    void nap() throws InterruptedException {
        Thread.sleep(1);
    }
}
