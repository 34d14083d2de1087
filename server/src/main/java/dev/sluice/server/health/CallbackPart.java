package dev.sluice.server.health;

import dev.sluice.server.callback.CallbackLoop;
import dev.sluice.server.health.PartHealth.Status;
import java.time.Duration;

/** Callbacks as a part: what is owed, and whether this process is at it. Thread-safe. */
public final class CallbackPart implements Part {
    /** It looks every second. */
    private static final Duration SILENT = Duration.ofSeconds(10);

    private final CallbackLoop loop;

    public CallbackPart(CallbackLoop loop) {
        this.loop = loop;
    }

    @Override
    public PartHealth health() {
        boolean silent = loop.sinceRound().compareTo(SILENT) > 0;
        PartHealth health = PartHealth.of("callbacks", silent ? Status.DEGRADED : Status.OK, "http")
                .with("owed", loop.owed())
                .with("calling", loop.calling());
        return silent ? health.with("problem", "nothing was looked for, for too long") : health;
    }
}
