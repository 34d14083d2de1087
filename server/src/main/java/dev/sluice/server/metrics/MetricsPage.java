package dev.sluice.server.metrics;

import java.util.LinkedHashMap;
import java.util.Map;

/** What somebody sees who asks for metrics: Prometheus' text, or the few counts that people ask for as JSON. Thread-safe. */
public final class MetricsPage {
    private final Metrics metrics;
    private final GatewayMetrics gateway;
    private final DeliveryMetrics deliveries;

    public MetricsPage(Metrics metrics, GatewayMetrics gateway, DeliveryMetrics deliveries) {
        this.metrics = metrics;
        this.gateway = gateway;
        this.deliveries = deliveries;
    }

    /** Every meter in Prometheus' text format. */
    public String prometheus() {
        return metrics.prometheus();
    }

    /** Counts since start, under the source documents' names where they have one. */
    public Map<String, Object> json() {
        var counts = new LinkedHashMap<String, Object>(gateway.counts());
        counts.putAll(deliveries.counts());
        counts.put("budget_messages", metrics.counts("sluice.budget.messages", "outcome"));
        counts.put("limit_uses", metrics.counts("sluice.limit.uses", "limit", "outcome"));
        counts.put("work_claims", metrics.counts("sluice.work.claims", "kind", "answer"));
        counts.put("work_duplicates_prevented", metrics.counts("sluice.work.duplicates.prevented", "kind"));
        counts.put("work_calls_saved", metrics.counts("sluice.work.calls.saved", "kind"));
        counts.put("events", metrics.counts("sluice.events", "stream", "seen"));
        return counts;
    }
}
