package dev.sluice.server.metrics;

import dev.sluice.budget.Budget;
import dev.sluice.budget.BudgetPage;
import dev.sluice.budget.BudgetUser;
import dev.sluice.budget.Budgets;
import dev.sluice.budget.Consumption;
import dev.sluice.budget.Usage;
import dev.sluice.limit.OutageListener;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;

/** What became of messages that wanted to pass a budget, over all users. Thread-safe. */
public final class BudgetMetrics implements OutageListener {
    private final Metrics metrics;
    private volatile boolean away;

    public BudgetMetrics(Metrics metrics) {
        this.metrics = metrics;
        metrics.gauge("sluice.budget.store.away", "1 while budgets go on without Redis.", () -> away ? 1 : 0);
    }

    /** The same budgets, whose answers are counted. */
    public Budgets counting(Budgets budgets) {
        return new Counting(budgets);
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

    private void consumed(String outcome, boolean complete) {
        metrics.counter(
                        "sluice.budget.messages",
                        "Messages that wanted to pass a budget, by outcome and by whether the store was asked.",
                        "outcome",
                        outcome,
                        "store",
                        complete ? "asked" : "away")
                .increment();
    }

    private static String outcome(Consumption answer) {
        return switch (answer) {
            case Consumption.Allowed a -> "allowed";
            case Consumption.Exempt e -> "exempt";
            case Consumption.Exhausted e -> "exhausted";
        };
    }

    private final class Counting implements Budgets {
        private final Budgets budgets;

        Counting(Budgets budgets) {
            this.budgets = budgets;
        }

        @Override
        public Consumption consume(Budget budget, BudgetUser user) {
            Consumption answer = budgets.consume(budget, user);
            consumed(outcome(answer), answer.usage().complete());
            return answer;
        }

        @Override
        public Usage usage(Budget budget, long user) {
            return budgets.usage(budget, user);
        }

        @Override
        public Usage grant(Budget budget, long user, long messages) {
            return budgets.grant(budget, user, messages);
        }

        @Override
        public boolean reset(Budget budget, long user) {
            return budgets.reset(budget, user);
        }

        @Override
        public BudgetPage scan(Budget budget, String cursor, int about) {
            return budgets.scan(budget, cursor, about);
        }

        @Override
        public void close() {
            budgets.close();
        }
    }
}
