package dev.sluice.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.budget.Budget;
import dev.sluice.budget.BudgetUser;
import dev.sluice.budget.Budgets;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.namedlimit.NamedLimit;
import dev.sluice.namedlimit.NamedLimits;
import dev.sluice.namedlimit.Passage;
import dev.sluice.namedlimit.Use;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the JSON form of the metrics has. */
class MetricsPageTest {
    private final Metrics metrics = new Metrics();
    private final MetricsPage page =
            new MetricsPage(metrics, new GatewayMetrics(metrics), new DeliveryMetrics(metrics));

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void guards_that_nobody_asked_have_counted_nothing() {
        assertThat(page.json())
                .containsEntry("budget_messages", Map.of())
                .containsEntry("limit_uses", Map.of())
                .containsEntry("work_claims", Map.of())
                .containsEntry("work_duplicates_prevented", Map.of())
                .containsEntry("work_calls_saved", Map.of())
                .containsEntry("events", Map.of());
    }

    @Test
    void named_limits_are_counted_by_name_and_outcome_whether_the_store_was_asked_or_not() {
        var limits = NamedLimits.inMemory();
        limits.define(NamedLimit.atMost("weather", 2, Duration.ofHours(1)));
        limits.define(NamedLimit.atMost("maps", 1, Duration.ofHours(1)).withShadow(true));
        var counting = new NamedLimitMetrics(metrics);
        for (int i = 0; i < 3; i++) {
            counting.answered(limits.acquire(Use.of("weather")));
            counting.answered(limits.acquire(Use.of("maps")));
        }
        counting.answered(new Passage.Allowed(
                NamedLimit.atMost("weather", 2, Duration.ofHours(1)), 0, Duration.ofHours(1), false));

        assertThat(page.json())
                .containsEntry(
                        "limit_uses",
                        Map.of(
                                "weather", Map.of("allowed", 3L, "denied", 1L),
                                "maps", Map.of("allowed", 1L, "shadow_denied", 2L)));
    }

    @Test
    void budgets_are_counted_by_outcome() {
        var budget = Budget.of("messages", 1, Duration.ofDays(1));
        Budgets budgets = new BudgetMetrics(metrics).counting(Budgets.inMemory());
        for (int i = 0; i < 3; i++) {
            budgets.consume(budget, BudgetUser.of(7));
        }

        assertThat(page.json()).containsEntry("budget_messages", Map.of("allowed", 1L, "exhausted", 2L));
    }

    @Test
    void claims_are_counted_by_kind_and_answer_and_events_by_stream() {
        var work = new WorkMetrics(metrics);
        work.claimed("payment", new Claim.Processing(Duration.ofSeconds(1)));
        work.claimed("payment", new Claim.Completed(new StoredResult(new byte[0])));
        work.claimed("refund", new Claim.Mismatch());
        work.seen("clicks", 3, 4);
        work.seen("clicks", 1, 0);

        assertThat(page.json())
                .containsEntry(
                        "work_claims",
                        Map.of("payment", Map.of("processing", 1L, "completed", 1L), "refund", Map.of("mismatch", 1L)))
                .containsEntry("work_duplicates_prevented", Map.of("payment", 2L))
                .containsEntry("work_calls_saved", Map.of("payment", 1L))
                .containsEntry("events", Map.of("clicks", Map.of("first", 4L, "before", 4L)));
    }
}
