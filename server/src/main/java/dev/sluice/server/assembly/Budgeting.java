package dev.sluice.server.assembly;

import dev.sluice.budget.Budgets;
import dev.sluice.privacy.PersonalData;
import dev.sluice.server.admin.BudgetsResource;
import dev.sluice.server.admin.Resource;
import dev.sluice.server.health.BudgetPart;
import dev.sluice.server.health.Part;
import dev.sluice.server.metrics.BudgetMetrics;
import dev.sluice.server.metrics.Metrics;
import dev.sluice.server.settings.ServerSettings;

/** The messages that users have: where bots and operators ask for them, and how they are. */
record Budgeting(Budgets budgets, Resource resource, Part part) implements AutoCloseable {
    static Budgeting open(Backend store, ServerSettings settings, Metrics metrics) {
        var shown = new BudgetMetrics(metrics);
        var budgets = shown.counting(store.budgets().open(shown));
        var budget = settings.budget().budget();
        store.privacy().data().add(PersonalData.withoutText("budget", user -> budgets.reset(budget, user) ? 1 : 0));
        return new Budgeting(
                budgets,
                new BudgetsResource(budgets, budget),
                new BudgetPart(
                        store.shared() ? "redis" : "memory",
                        store.part(),
                        budget,
                        settings.onStoreFailure().budgets(),
                        shown::isAway));
    }

    /** Once nobody asks any more, and while the store is still open. */
    @Override
    public void close() {
        budgets.close();
    }
}
