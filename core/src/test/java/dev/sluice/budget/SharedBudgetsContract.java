package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.budget.Consumption.Allowed;
import dev.sluice.budget.Consumption.Exempt;
import dev.sluice.budget.Consumption.Exhausted;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What budgets keep to beside that, which are told of what passed without them. */
abstract class SharedBudgetsContract extends BudgetsContract {
    @Test
    void what_passed_without_the_store_counts_in_the_window_in_which_it_passed() {
        var shared = (SharedBudgets) budgets;
        Duration left = Duration.ofHours(20);
        assertThat(shared.add(THREE, ALICE, 2, left)).isEqualTo(usage(2, 0, 0, 1, now().plus(left), left));
        consume(THREE);
        assertThat(consume(THREE)).isInstanceOf(Exhausted.class);
        assertThat(shared.add(THREE, ALICE, 5, DAY).resetsIn())
                .as("theirs began later")
                .isEqualTo(left);
        assertThat(shared.add(THREE, ALICE, 1, Duration.ofHours(19)))
                .as("theirs began sooner")
                .isEqualTo(usage(9, 1, 0, 0, now().plus(Duration.ofHours(19)), Duration.ofHours(19)));
        clock.advance(Duration.ofHours(19));
        assertThat(consume(THREE).usage().count()).isEqualTo(1);
    }

    @Test
    void what_passed_without_the_store_counts_before_the_next_message_in_the_same_step() {
        var shared = (SharedBudgets) budgets;
        Duration left = Duration.ofHours(20);
        Instant end = now().plus(left);
        assertThat(shared.addAndConsume(THREE, BudgetUser.of(ALICE), 2, left))
                .isEqualTo(new Allowed(usage(3, 0, 0, 0, end, left)));
        assertThat(shared.addAndConsume(THREE, BudgetUser.of(ALICE), 2, DAY))
                .isEqualTo(new Exhausted(usage(5, 1, 0, 0, end, left)));
        assertThat(shared.addAndConsume(THREE.withWhitelist(Whitelist.of(List.of("42"))), BudgetUser.of(ALICE), 1, DAY))
                .isInstanceOf(Exempt.class);
        assertThat(budgets.usage(THREE, ALICE).count()).isEqualTo(7);
    }

    @Test
    void of_an_idle_window_what_passed_last_tells_the_end() {
        Budget idle = THREE.withWindow(new Window.Idle(DAY));
        var shared = (SharedBudgets) budgets;
        assertThat(shared.add(idle, ALICE, 1, Duration.ofHours(20)).resetsIn()).isEqualTo(Duration.ofHours(20));
        assertThat(shared.add(idle, ALICE, 1, Duration.ofHours(22)).resetsIn()).isEqualTo(Duration.ofHours(22));
        assertThat(shared.add(idle, ALICE, 1, Duration.ofHours(2)).resetsIn()).isEqualTo(Duration.ofHours(22));
        assertThat(shared.add(idle, ALICE, 1, Duration.ofDays(9)).resetsIn()).isEqualTo(DAY);
    }

    @Test
    void what_passed_today_without_the_store_counts_until_the_day_ends_and_keeps_a_grant() {
        Budget daily = THREE.withWindow(new Window.CalendarDay(ZoneId.of("UTC")));
        clock.set(Counters.micros(Instant.parse("2027-01-15T20:00:00Z")));
        budgets.grant(daily, ALICE, 2);

        assertThat(((SharedBudgets) budgets).add(daily, ALICE, 4, Duration.ofHours(3)))
                .isEqualTo(usage(4, 0, 2, 1, Instant.parse("2027-01-16T00:00:00Z"), Duration.ofHours(4)));
    }
}
