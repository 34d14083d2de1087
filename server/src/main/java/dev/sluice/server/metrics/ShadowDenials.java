package dev.sluice.server.metrics;

/** Counts whom limits of bots in shadow mode would have held. Thread-safe. */
final class ShadowDenials {
    private final Metrics metrics;

    ShadowDenials(Metrics metrics) {
        this.metrics = metrics;
    }

    /** @param scope of the limit: bot, paid, replies, chat, group or user */
    void denied(String scope) {
        metrics.counter(
                        "sluice.limit.shadow.denied",
                        "Calls and queued messages that a bot's limit in shadow mode would have held.",
                        "limit",
                        metrics.bounded("scope", scope))
                .increment();
    }
}
