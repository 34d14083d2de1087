package dev.sluice.server.metrics;

import dev.sluice.limit.OutageListener;
import dev.sluice.namedlimit.Passage;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;

/** What became of those who wanted to pass a named limit, by limit and over all subjects. Thread-safe. */
public final class NamedLimitMetrics implements OutageListener {
    private final Metrics metrics;
    private volatile boolean away;

    public NamedLimitMetrics(Metrics metrics) {
        this.metrics = metrics;
        metrics.gauge("sluice.limit.store.away", "1 while named limits go on without Redis.", () -> away ? 1 : 0);
    }

    /** Counts an answer; of those who wait, the last one. */
    public void answered(Passage passage) {
        metrics.counter(
                        "sluice.limit.uses",
                        "Those who wanted to pass a named limit, by limit, outcome, and whether the store was asked.",
                        "limit",
                        metrics.bounded("named_limit", passage.limit().name()),
                        "outcome",
                        outcome(passage),
                        "store",
                        passage.complete() ? "asked" : "away")
                .increment();
    }

    /** Whether they go on without the store. */
    public boolean isAway() {
        return away;
    }

    /** Calls, which the same watch tells, say it in the log. */
    @Override
    public void outageBegan(RedisUnavailableException cause) {
        away = true;
    }

    @Override
    public void outageEnded(Duration lasted) {
        away = false;
    }

    private static String outcome(Passage passage) {
        return switch (passage) {
            case Passage.Allowed a -> "allowed";
            case Passage.Overlooked o -> "shadow_denied";
            case Passage.Denied d -> "denied";
        };
    }
}
