package dev.sluice.server.metrics;

import dev.sluice.queue.Ending;
import dev.sluice.queue.Leased;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.server.worker.QueueTotals;
import dev.sluice.server.worker.QueueTotals.Totals;
import dev.sluice.server.worker.WorkerEvents;
import dev.sluice.telegram.Priority;
import java.time.InstantSource;
import java.util.function.ToLongFunction;

/** What is queued, over all bots, and what this process' workers do. Thread-safe. */
public final class QueueMetrics implements WorkerEvents {
    private static final String SETTLED = "sluice.queue.settled";
    private static final String SETTLED_HELP =
            "Ends of queued messages written down by this process, by what they were.";

    private final Metrics metrics;
    private final InstantSource clock;
    private final ShadowDenials shadow;

    public QueueMetrics(Metrics metrics, InstantSource clock) {
        this.metrics = metrics;
        this.clock = clock;
        shadow = new ShadowDenials(metrics);
    }

    /** Shows the numbers of all queues. */
    public void show(QueueTotals totals) {
        for (Priority priority : Priority.values()) {
            metrics.gauge(
                    "sluice.queue.depth",
                    "Messages in their lanes, by priority.",
                    () -> number(totals, now -> now.depth().getOrDefault(priority, 0L)),
                    "priority",
                    priority.toString());
        }
        show(totals, "delayed", "Queued messages whose time has not come.", Totals::delayed);
        show(totals, "leased", "Queued messages that are being sent.", Totals::leased);
        show(totals, "retrying", "Queued messages that wait for another attempt.", Totals::retryingInAll);
        metrics.gauge(
                "sluice.queue.oldest.age.seconds",
                "For how long the oldest message in a lane has been there.",
                () -> number(totals, now -> now.oldestAge(clock.instant()).toSeconds()));
        show(totals, "dead", "Dead letters.", Totals::dead);
        show(totals, "unknown", "Queued messages of which nobody knows whether they were sent.", Totals::unknown);
    }

    private void show(QueueTotals totals, String name, String help, ToLongFunction<Totals> number) {
        metrics.gauge("sluice.queue." + name, help, () -> number(totals, number));
    }

    private static Number number(QueueTotals totals, ToLongFunction<Totals> number) {
        try {
            return number.applyAsLong(totals.now());
        } catch (RedisUnavailableException e) {
            return Double.NaN;
        }
    }

    @Override
    public void claimed(Leased message) {
        metrics.counter("sluice.queue.claimed", "Queued messages claimed by this process.")
                .increment();
    }

    @Override
    public void shadowDenied(String scope) {
        shadow.denied(scope);
    }

    @Override
    public void settled(Ending ending, boolean held) {
        metrics.counter(SETTLED, SETTLED_HELP, "ending", held ? name(ending) : "lease-lost")
                .increment();
    }

    @Override
    public void notSettled(Ending ending) {
        metrics.counter(SETTLED, SETTLED_HELP, "ending", "not-written").increment();
    }

    private static String name(Ending ending) {
        return switch (ending) {
            case Ending.Sent s -> "sent";
            case Ending.Refused r -> "refused";
            case Ending.Suppressed s -> "suppressed";
            case Ending.Retry r -> "retry";
            case Ending.Flooded f -> "flooded";
            case Ending.NotSent n -> "not-sent";
            case Ending.Unanswered u -> "unanswered";
        };
    }
}
