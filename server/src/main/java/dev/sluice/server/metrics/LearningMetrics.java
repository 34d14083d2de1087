package dev.sluice.server.metrics;

import io.micrometer.core.instrument.Counter;
import java.util.Map;
import java.util.function.Consumer;

/** How often Telegram's 429 lowered a pace. Thread-safe. */
public final class LearningMetrics implements Consumer<String> {
    private final Map<String, Counter> lowered;

    public LearningMetrics(Metrics metrics) {
        lowered = Map.of(
                "bot", counter(metrics, "bot"), "chat", counter(metrics, "chat"), "group", counter(metrics, "group"));
    }

    private static Counter counter(Metrics metrics, String scope) {
        return metrics.counter(
                "sluice.limit.learned", "Times that Telegram's 429 lowered a pace here.", "scope", scope);
    }

    @Override
    public void accept(String scope) {
        Counter counter = lowered.get(scope);
        if (counter != null) {
            counter.increment();
        }
    }
}
