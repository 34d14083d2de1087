package dev.sluice.server.admin;

import dev.sluice.server.metrics.MetricsPage;
import java.util.List;

/** What was counted. */
public final class MetricsResource implements Resource {
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    /** Empty where the caller leaves it to the Accept header. */
    private static final Parameter<String> FORMAT = Parameter.query(
            "format",
            Shape.Text.any(),
            "json or prometheus",
            text -> text,
            "",
            "json for counts as JSON; otherwise the Accept header decides.");

    private final MetricsPage metrics;

    public MetricsResource(MetricsPage metrics) {
        this.metrics = metrics;
    }

    @Override
    public List<Operation> operations() {
        return List.of(Operation.get("/metrics", "metrics", "What was counted since the start.")
                .with(FORMAT)
                .answersText(200, "Prometheus' text format, or counts as JSON.", PROMETHEUS)
                .answers(200, "", new Shape.AnyObject())
                .by(this::metrics));
    }

    private AdminResponse metrics(AdminRequest request) {
        var format = request.get(FORMAT);
        boolean json = format.isEmpty() ? request.accepts(AdminResponse.JSON) : format.equals("json");
        return json ? AdminResponse.json(200, metrics.json()) : AdminResponse.text(PROMETHEUS, metrics.prometheus());
    }
}
