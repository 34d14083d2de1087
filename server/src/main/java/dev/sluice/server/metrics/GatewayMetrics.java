package dev.sluice.server.metrics;

import dev.sluice.server.gateway.GatewayEvents;
import dev.sluice.server.gateway.Traffic;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts requests and what Telegram answers, metered or not. Thread-safe. */
public final class GatewayMetrics implements GatewayEvents {
    private static final int TOO_MANY_REQUESTS = 429;

    private final Metrics metrics;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Map<Traffic, Timer> requests = new EnumMap<>(Traffic.class);
    private final Map<Traffic, Timer> upstream = new EnumMap<>(Traffic.class);
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();
    private final Counter tooMany;
    private final Counter serverErrors;
    private final Counter left;
    private final Counter repeats;
    private final Counter bytesIn;
    private final Counter bytesOut;

    public GatewayMetrics(Metrics metrics) {
        this.metrics = metrics;
        for (Traffic traffic : Traffic.values()) {
            requests.put(
                    traffic,
                    metrics.timer("sluice.requests", "Requests to the gateway, answered.", "traffic", name(traffic)));
            upstream.put(
                    traffic,
                    metrics.timer("sluice.upstream", "Answers of the Bot API server.", "traffic", name(traffic)));
        }
        tooMany = metrics.counter("telegram.429", "Answers of the Bot API server with status 429.");
        serverErrors = metrics.counter("telegram.5xx", "Answers of the Bot API server with a status of 500 or more.");
        left = metrics.counter(
                "sluice.callers.left", "Callers that closed their connection before they were answered.");
        repeats = metrics.counter("sluice.repeats", "Calls that pass through and were tried again.");
        bytesIn = metrics.counter("sluice.request.bytes", "Bytes of request bodies.");
        bytesOut = metrics.counter("sluice.response.bytes", "Bytes of response bodies.");
        metrics.gauge("sluice.in.flight", "Requests that are not answered yet.", inFlight::get);
    }

    /** Requests that are not answered yet. */
    public int inFlight() {
        return inFlight.get();
    }

    @Override
    public void requestStarted(Traffic traffic) {
        inFlight.incrementAndGet();
    }

    @Override
    public void requestEnded(Traffic traffic, int status, long in, long out, Duration took) {
        inFlight.decrementAndGet();
        timer(requests, traffic).record(took);
        bytesIn.increment(in);
        bytesOut.increment(out);
        var kind = status == 0 ? "none" : status == TOO_MANY_REQUESTS ? "429" : status / 100 + "xx";
        counters.computeIfAbsent(
                        "answers " + kind,
                        any -> metrics.counter(
                                "sluice.answers",
                                "Answers of the gateway by status; none: the caller had gone.",
                                "status",
                                kind))
                .increment();
    }

    @Override
    public void callerLeft(Traffic traffic) {
        left.increment();
    }

    @Override
    public void upstreamAnswered(Traffic traffic, int status, Duration took) {
        timer(upstream, traffic).record(took);
        if (status == TOO_MANY_REQUESTS) {
            tooMany.increment();
        } else if (status >= 500) {
            serverErrors.increment();
        }
    }

    @Override
    public void upstreamFailed(Traffic traffic, String reason, boolean written, Duration took) {
        var bounded = metrics.bounded("reason", reason);
        counters.computeIfAbsent(
                        "failure " + bounded + written,
                        any -> metrics.counter(
                                "sluice.upstream.failures",
                                "Tries without an answer; written: whether Telegram may have received something.",
                                "reason",
                                bounded,
                                "written",
                                Boolean.toString(written)))
                .increment();
    }

    @Override
    public void repeated() {
        repeats.increment();
    }

    /** The counts that programs read by name, the source's names among them. */
    Map<String, Object> counts() {
        var counts = new LinkedHashMap<String, Object>();
        counts.put("telegram_429_count", (long) tooMany.count());
        counts.put("telegram_5xx_count", (long) serverErrors.count());
        counts.put("in_flight", inFlight.get());
        counts.put("callers_left", (long) left.count());
        return counts;
    }

    private static Timer timer(Map<Traffic, Timer> timers, Traffic traffic) {
        return Objects.requireNonNull(timers.get(traffic));
    }

    private static String name(Traffic traffic) {
        return traffic.name().toLowerCase(Locale.ROOT);
    }
}
