package dev.sluice.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The registry, and the few shapes that meters have here. Thread-safe. */
public final class Metrics implements AutoCloseable {
    /** Names of limits are few, but custom ones come from callers. */
    private static final int MOST_VALUES_PER_LABEL = 64;

    private static final Duration[] BUCKETS = {
        Duration.ofNanos(500_000), Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(5),
                Duration.ofMillis(10),
        Duration.ofMillis(25), Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(250),
                Duration.ofMillis(500),
        Duration.ofSeconds(1), Duration.ofMillis(2500), Duration.ofSeconds(5), Duration.ofSeconds(10),
                Duration.ofSeconds(30),
        Duration.ofSeconds(60)
    };

    private static final double[] SHARES = {0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 1.0};

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final Map<String, Map<String, Boolean>> seen = new ConcurrentHashMap<>();

    /** How long a stage of a message's way takes. */
    Timer stage(String stage) {
        return timer("sluice.stage", "Time a message spends in each stage of its way.", "stage", stage);
    }

    Timer timer(String name, String help, String... labels) {
        return Timer.builder(name)
                .description(help)
                .tags(labels)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    Counter counter(String name, String help, String... labels) {
        return Counter.builder(name).description(help).tags(labels).register(registry);
    }

    /** A number that only grows, and is asked for whenever somebody looks. */
    void counted(String name, String help, Supplier<Number> value, String... labels) {
        // Of what is asked only a weak reference is kept, of the function a strong one.
        FunctionCounter.builder(name, this, any -> value.get().doubleValue())
                .description(help)
                .tags(labels)
                .register(registry);
    }

    /** How full something is, from 0 to 1. */
    DistributionSummary share(String name, String help, String... labels) {
        return DistributionSummary.builder(name)
                .description(help)
                .tags(labels)
                .serviceLevelObjectives(SHARES)
                .register(registry);
    }

    /** A number that is asked for whenever somebody looks. */
    public void gauge(String name, String help, Supplier<Number> value, String... labels) {
        Gauge.builder(name, value).description(help).tags(labels).register(registry);
    }

    /**
     * What counters of one name have counted, by the values of one or two of their labels, in their order; sums over all others. Empty as
     * long as nothing was counted.
     */
    Map<String, Object> counts(String name, String label) {
        var counts = new TreeMap<String, Object>();
        counters(name, label).forEach((value, counters) -> counts.put(value, sum(counters)));
        return counts;
    }

    Map<String, Object> counts(String name, String label, String inner) {
        var counts = new TreeMap<String, Object>();
        counters(name, label)
                .forEach((value, counters) -> counts.put(
                        value,
                        counters.stream()
                                .collect(Collectors.groupingBy(
                                        counter -> tag(counter, inner),
                                        TreeMap::new,
                                        Collectors.collectingAndThen(Collectors.toList(), Metrics::sum)))));
        return counts;
    }

    private Map<String, List<Counter>> counters(String name, String label) {
        return registry.find(name).counters().stream().collect(Collectors.groupingBy(counter -> tag(counter, label)));
    }

    private static String tag(Counter counter, String label) {
        return String.valueOf(counter.getId().getTag(label));
    }

    private static long sum(List<Counter> counters) {
        return (long) counters.stream().mapToDouble(Counter::count).sum();
    }

    /** {@code value} itself, or {@code other} once a label has had too many values. */
    String bounded(String label, String value) {
        var values = seen.computeIfAbsent(label, any -> new ConcurrentHashMap<>());
        if (values.containsKey(value)) {
            return value;
        }
        if (values.size() >= MOST_VALUES_PER_LABEL) {
            return "other";
        }
        values.put(value, true);
        return value;
    }

    /**
     * Adds what the Java platform tells of itself. Apart from the rest because it takes a while, and nobody looks in the
     * first second.
     */
    public void addPlatform() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }

    /** Everything in Prometheus' text format. */
    public String prometheus() {
        return registry.scrape();
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }
}
