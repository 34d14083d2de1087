package dev.sluice.server.metrics;

import dev.sluice.server.callback.CallbackEvents;
import dev.sluice.server.callback.CallbackLoop;
import java.time.Duration;

/** What this process tells receivers of callbacks. Thread-safe. */
public final class CallbackMetrics implements CallbackEvents {
    private static final String TIMES = "sluice.callbacks";
    private static final String HELP = "Calls of callback receivers, by what came of them.";

    private final Metrics metrics;

    public CallbackMetrics(Metrics metrics) {
        this.metrics = metrics;
    }

    /** Shows what is owed. */
    public void show(CallbackLoop loop) {
        metrics.gauge("sluice.callbacks.owed", "Callbacks that are owed, as of the last round.", loop::owed);
        metrics.gauge("sluice.callbacks.calling", "Receivers that are being called.", loop::calling);
    }

    @Override
    public void tried(String outcome, Duration took) {
        metrics.timer(TIMES, HELP, "outcome", outcome).record(took);
    }

    @Override
    public void lapsed(long callbacks) {
        metrics.counter("sluice.callbacks.lapsed", "Callbacks that nobody heard for a day.")
                .increment(callbacks);
    }
}
