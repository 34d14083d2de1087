package dev.sluice.server.metrics;

import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.DeliveryEvents;
import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Outcome;
import dev.sluice.idempotency.Claim;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Decision;
import dev.sluice.queue.MessageId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts what happens to metered calls. Thread-safe. */
public final class DeliveryMetrics implements DeliveryEvents {
    private final Metrics metrics;
    private final ShadowDenials shadow;
    private final Timer deciding;
    private final Timer waiting;
    private final Timer upstream;
    private final Timer settling;
    private final Counter hits;
    private final Counter misses;
    private final Counter duplicates;
    private final Counter waitsThatEndedWell;
    private final Counter waitsGivenUp;
    private final Counter rateLimitedDrops;
    private final Counter floods;
    private final Counter lostClaims;
    private final Counter unsettled;
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();
    private final Map<String, DistributionSummary> utilisation = new ConcurrentHashMap<>();

    public DeliveryMetrics(Metrics metrics) {
        this.metrics = metrics;
        shadow = new ShadowDenials(metrics);
        deciding = metrics.stage("decide");
        waiting = metrics.stage("wait");
        upstream = metrics.stage("upstream");
        settling = metrics.stage("settle");
        hits = claims("hit");
        misses = claims("miss");
        duplicates = metrics.counter(
                "sluice.duplicates.prevented", "Calls answered from an earlier one's result instead of being sent.");
        waitsThatEndedWell = waits("turn_came");
        waitsGivenUp = waits("gave_up");
        rateLimitedDrops = metrics.counter(
                "telegram.rate.limited.drops",
                "Calls withdrawn unsent because their turn did not come within their wait.");
        floods = metrics.counter("sluice.floods", "Metered calls that Telegram answered with 429.");
        lostClaims =
                metrics.counter("sluice.claims.lost", "Attempts that were settled after their claim had passed on.");
        unsettled = metrics.counter("sluice.settle.failures", "Attempts that could not be settled in time.");
    }

    @Override
    public void decided(OutboundCall call, Acquisition acquisition, Decision decision, Duration took) {
        deciding.record(took);
        switch (decision) {
            case Decision.Allowed allowed -> {
                allowed.shadowDenied().ifPresent(bucket -> shadow.denied(bucket.scope()));
                // As many as were charged: all or none.
                for (int i = 0; i < allowed.remaining().size(); i++) {
                    admitted(acquisition.charges().get(i), allowed.remaining().get(i));
                }
            }
            case Decision.Denied denied ->
                decision(denied.bucket().scope(), denied.cause().name().toLowerCase(Locale.ROOT))
                        .increment();
        }
    }

    private void admitted(Charge charge, int remaining) {
        if (charge.weight() == 0) {
            return;
        }
        var scope = metrics.bounded("scope", charge.bucket().scope());
        decision(scope, "allowed").increment();
        counters.computeIfAbsent(
                        "admitted " + scope,
                        any -> metrics.counter(
                                "sluice.admitted", "Weight admitted by each scope of limits.", "scope", scope))
                .increment(charge.weight());
        double capacity = charge.limit().capacity();
        utilisation
                .computeIfAbsent(
                        scope,
                        any -> metrics.share(
                                "sluice.limit.utilisation",
                                "How full a bucket is right after an admission.",
                                "scope",
                                scope))
                .record(Math.clamp((capacity - remaining) / capacity, 0, 1));
    }

    @Override
    public void claimed(OutboundCall call, Claim claim) {
        (claim instanceof Claim.New ? misses : hits).increment();
    }

    @Override
    public void queuedTwin(OutboundCall call, MessageId message) {
        hits.increment();
    }

    @Override
    public void waited(OutboundCall call, Duration waited, boolean turnCame) {
        waiting.record(waited);
        (turnCame ? waitsThatEndedWell : waitsGivenUp).increment();
    }

    @Override
    public void attempted(OutboundCall call, Attempt attempt, Duration took) {
        upstream.record(took);
    }

    @Override
    public void flooded(OutboundCall call, Duration retryAfter) {
        floods.increment();
    }

    @Override
    public void settled(OutboundCall call, Duration took, boolean held) {
        settling.record(took);
        if (!held) {
            lostClaims.increment();
        }
    }

    @Override
    public void settleFailed(OutboundCall call) {
        unsettled.increment();
    }

    @Override
    public void ended(OutboundCall call, Outcome outcome) {
        outcome(outcome).increment();
        if (outcome instanceof Outcome.Duplicate) {
            duplicates.increment();
        } else if (outcome instanceof Outcome.RateLimited) {
            rateLimitedDrops.increment();
        }
    }

    /** The counts that programs read by name, the source's names among them. */
    Map<String, Object> counts() {
        var counts = new LinkedHashMap<String, Object>();
        counts.put("telegram_rate_limited_drops", (long) rateLimitedDrops.count());
        counts.put("idempotency_hits", (long) hits.count());
        counts.put("idempotency_misses", (long) misses.count());
        counts.put("duplicates_prevented", (long) duplicates.count());
        counts.put("waits", (long) (waitsThatEndedWell.count() + waitsGivenUp.count()));
        counts.put("settle_failures", (long) unsettled.count());
        var outcomes = new LinkedHashMap<String, Object>();
        var decisions = new LinkedHashMap<String, Map<String, Object>>();
        counters.forEach((key, counter) -> {
            var outcome = counter.getId().getTag("outcome");
            var verdict = counter.getId().getTag("verdict");
            if (outcome != null) {
                outcomes.put(outcome, (long) counter.count());
            } else if (verdict != null) {
                decisions
                        .computeIfAbsent(String.valueOf(counter.getId().getTag("scope")), any -> new LinkedHashMap<>())
                        .put(verdict, (long) counter.count());
            }
        });
        counts.put("outcomes", outcomes);
        counts.put("decisions", decisions);
        return counts;
    }

    private Counter decision(String unboundedScope, String verdict) {
        var scope = metrics.bounded("scope", unboundedScope);
        return counters.computeIfAbsent(
                "decision " + scope + " " + verdict,
                any -> metrics.counter(
                        "sluice.decisions",
                        "Decisions by scope of limits and verdict.",
                        "scope",
                        scope,
                        "verdict",
                        verdict));
    }

    private Counter outcome(Outcome outcome) {
        var name = switch (outcome) {
            case Outcome.Sent it -> "sent";
            case Outcome.Duplicate it -> "duplicate";
            case Outcome.Refused it -> "refused";
            case Outcome.RateLimited it -> "rate_limited";
            case Outcome.TwinInFlight it -> "twin_in_flight";
            case Outcome.Queued it -> "twin_queued";
            case Outcome.NotReached it -> "not_reached";
            case Outcome.Unknown it -> "unknown";
            case Outcome.StoreUnavailable it -> "store_unavailable";
            case Outcome.Mismatch it -> "mismatch";
            case Outcome.Withdrawn it -> "withdrawn";
        };
        return counters.computeIfAbsent(
                "outcome " + name,
                any -> metrics.counter("sluice.outcomes", "Metered calls by what became of them.", "outcome", name));
    }

    private Counter claims(String result) {
        return metrics.counter(
                "sluice.idempotency.claims",
                "Claims under a key: a miss is the first of its kind, everything else a hit.",
                "result",
                result);
    }

    private Counter waits(String result) {
        return metrics.counter("sluice.waits", "Calls that stood in line, by how that ended.", "result", result);
    }
}
