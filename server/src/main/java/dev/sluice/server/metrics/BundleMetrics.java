package dev.sluice.server.metrics;

import dev.sluice.bundle.AsideBundle;
import dev.sluice.bundle.AsideBundles;
import dev.sluice.bundle.BundleEvents;
import dev.sluice.bundle.Bundles;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.Locale;

/** What becomes of messages and bundles in this process, over all bots and people. Thread-safe. */
public final class BundleMetrics implements BundleEvents {
    private final Metrics metrics;

    public BundleMetrics(Metrics metrics) {
        this.metrics = metrics;
    }

    /** @param bundles whose standing is shown */
    public void show(Bundles bundles) {
        metrics.gauge("sluice.bundles.waiting", "Those who wait for bundles now.", bundles::waiting);
        metrics.gauge(
                "sluice.bundles.memory.messages",
                "Messages in this process' memory that nobody has handled; they end with it.",
                bundles::messagesHere);
        metrics.gauge(
                "sluice.bundles.aside.kept",
                "Bundles that are set aside now, of bots that this process has seen.",
                () -> kept(bundles.aside()));
    }

    private static Number kept(AsideBundles aside) {
        try {
            return aside.count();
        } catch (RedisUnavailableException e) {
            return Double.NaN;
        }
    }

    @Override
    public void added(boolean shared) {
        message(shared ? "added" : "added-here");
    }

    @Override
    public void duplicate() {
        message("duplicate");
    }

    @Override
    public void full() {
        message("full");
    }

    @Override
    public void unavailable() {
        message("unavailable");
    }

    @Override
    public void handedOver(int messages, Duration age) {
        bundle("handed-over");
        metrics.counter("sluice.bundles.joined", "Messages that were handed over in bundles.")
                .increment(messages);
        metrics.timer("sluice.bundles.age", "Time from a bundle's first message to when it was handed over.")
                .record(age);
    }

    @Override
    public void handled() {
        bundle("handled");
    }

    @Override
    public void failed() {
        bundle("failed");
    }

    @Override
    public void givenUp() {
        bundle("given-up");
    }

    @Override
    public void setAside(AsideBundle bundle) {
        metrics.counter(
                        "sluice.bundles.aside",
                        "Bundles that were set aside: handed over no more, unless somebody wants them to be.",
                        "reason",
                        bundle.reason().name().toLowerCase(Locale.ROOT))
                .increment();
    }

    @Override
    public void asideGone(int bundles) {
        metrics.counter(
                        "sluice.bundles.aside.gone",
                        "Bundles that were set aside and are gone: there were too many, or they were in a memory that ended.")
                .increment(bundles);
    }

    @Override
    public void lost() {
        bundle("lost");
    }

    @Override
    public void unreadable() {
        bundle("unreadable");
    }

    @Override
    public void dropped(int messages) {
        metrics.counter("sluice.bundles.dropped", "Messages of this process' memory that ended unhandled with it.")
                .increment(messages);
    }

    private void message(String answer) {
        metrics.counter(
                        "sluice.bundles.messages",
                        "Messages that were to be bundled, by what became of them.",
                        "answer",
                        answer)
                .increment();
    }

    private void bundle(String step) {
        metrics.counter("sluice.bundles", "Steps of bundles.", "step", step).increment();
    }
}
