package dev.sluice.architecture.canary.fsm;

import java.util.Random;

/** Rolls dice that no test can load. */
public final class ChanceCanary {
    int chance() {
        return new Random().nextInt();
    }
}
