package dev.sluice.architecture.canary.fsm;

import java.time.Instant;

/** Reads the time in another way. */
public final class InstantCanary {
    Instant now() {
        return Instant.now();
    }
}
