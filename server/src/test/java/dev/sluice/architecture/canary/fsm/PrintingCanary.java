package dev.sluice.architecture.canary.fsm;

/** Prints where only logging is wanted. */
public final class PrintingCanary {
    void say() {
        System.out.println("said by a library");
    }
}
