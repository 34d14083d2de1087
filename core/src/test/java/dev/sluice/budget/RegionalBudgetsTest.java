package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.SettableMicros;
import dev.sluice.region.Homes;
import dev.sluice.region.Regions;
import dev.sluice.region.Regions.Share;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegionalBudgetsTest extends BudgetsContract {
    private static final List<Share> SHARES = List.of(new Share("eu", 5_000), new Share("us", 5_000));

    @Override
    Budgets budgets(SettableMicros itsClock) {
        return regional("eu", new InMemoryBudgets(itsClock, 10_000), new InMemoryBudgets(itsClock, 10_000));
    }

    private static Budgets regional(String self, Budgets eu, Budgets us) {
        return Budgets.acrossRegions(new Homes<>(new Regions(self, SHARES), Map.of("eu", eu, "us", us)));
    }

    @Test
    void what_a_user_has_is_the_same_in_all_regions() {
        var eu = new InMemoryBudgets(clock, 10_000);
        var us = new InMemoryBudgets(clock, 10_000);
        Budgets inEurope = regional("eu", eu, us);
        Budgets inAmerica = regional("us", eu, us);
        for (long user = 1; user <= 100; user++) {
            assertThat(inEurope.consume(THREE, BudgetUser.of(user)).remaining()).isEqualTo(2);
            assertThat(inAmerica.consume(THREE, BudgetUser.of(user)).remaining())
                    .isEqualTo(1);
        }
        assertThat(eu.size()).isBetween(20, 80);
        assertThat(eu.size() + us.size()).isEqualTo(100);
    }

    @Test
    void when_it_is_closed_every_region_is_told_what_passed_without_it() {
        var eu = new BreakableBudgets(new InMemoryBudgets(clock, 10_000));
        var us = new BreakableBudgets(new InMemoryBudgets(clock, 10_000));
        try (Budgets inEurope = regional("eu", withoutStore(eu), withoutStore(us))) {
            eu.way(BreakableBudgets.Way.CUT);
            us.way(BreakableBudgets.Way.CUT);
            for (long user = 1; user <= 20; user++) {
                assertThat(inEurope.consume(THREE, BudgetUser.of(user)).passes())
                        .isTrue();
            }
            eu.way(BreakableBudgets.Way.OPEN);
            us.way(BreakableBudgets.Way.OPEN);
        }

        Budgets afterwards = regional("us", eu, us);
        for (long user = 1; user <= 20; user++) {
            assertThat(afterwards.usage(THREE, user).count()).isEqualTo(1);
        }
    }

    private Budgets withoutStore(BreakableBudgets way) {
        return new FailoverBudgets(
                way, new OwnCounts(clock, () -> 1, 100), OnStoreFailure.OPEN, OutageListener.NONE, Runnable::run);
    }

    @Test
    void a_cursor_that_leads_into_no_region_is_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> budgets.scan(THREE, "2.0", 1));
        assertThatIllegalArgumentException().isThrownBy(() -> budgets.scan(THREE, ".0", 1));
        assertThatIllegalArgumentException().isThrownBy(() -> budgets.scan(THREE, "x.0", 1));
    }
}
