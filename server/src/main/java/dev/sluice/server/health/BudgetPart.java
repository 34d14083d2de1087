package dev.sluice.server.health;

import dev.sluice.budget.Budget;
import dev.sluice.budget.Window;
import dev.sluice.server.health.PartHealth.Status;
import dev.sluice.server.settings.StoreFailureSettings.Policy;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Budgets as a part: what holds, and whether its counters survive a restart of their store. Thread-safe. */
public final class BudgetPart implements Part {
    private final String backend;
    private final Part store;
    private final Budget budget;
    private final Policy withoutStore;
    private final BooleanSupplier away;

    /**
     * @param store where the counters are
     * @param away whether they go on without it
     */
    public BudgetPart(String backend, Part store, Budget budget, Policy withoutStore, BooleanSupplier away) {
        this.backend = backend;
        this.store = store;
        this.budget = budget;
        this.withoutStore = withoutStore;
        this.away = away;
    }

    @Override
    public PartHealth health() {
        PartHealth kept = store.health();
        boolean degraded = away.getAsBoolean();
        PartHealth health = PartHealth.of("budgets", degraded ? Status.DEGRADED : Status.OK, backend)
                .with("limit", budget.limit())
                .with("window", window(budget.window()))
                .with("whitelisted", budget.whitelist().size())
                .with("without_store", withoutStore.name().toLowerCase(Locale.ROOT));
        if (degraded) {
            health = health.with("problem", "the store cannot be asked, or takes no writes");
        }
        Optional<Boolean> survives = kept.survivesRestart();
        return survives.isPresent() ? health.survivingRestart(survives.get()) : health;
    }

    private static String window(Window window) {
        return switch (window) {
            case Window.FirstMessage(Duration length) -> length + " from the first message";
            case Window.Idle(Duration length) -> length + " of idleness";
            case Window.CalendarDay(ZoneId zone) -> "day in " + zone.getId();
        };
    }
}
