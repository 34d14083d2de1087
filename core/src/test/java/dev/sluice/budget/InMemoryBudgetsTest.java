package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.SettableMicros;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class InMemoryBudgetsTest extends SharedBudgetsContract {
    @Override
    Budgets budgets(SettableMicros itsClock) {
        return new InMemoryBudgets(itsClock, 10_000);
    }

    @Test
    void what_has_ended_vanishes() {
        var held = new InMemoryBudgets(clock, 10_000);
        LongStream.rangeClosed(1, 100).forEach(user -> held.consume(THREE, BudgetUser.of(user)));
        assertThat(held.size()).isEqualTo(100);

        clock.advance(DAY);
        LongStream.rangeClosed(1, 50).forEach(user -> held.usage(THREE, 1_000));
        assertThat(held.size()).isZero();
    }

    @Test
    void beyond_the_bound_whose_window_ends_soonest_is_forgotten() {
        var held = new InMemoryBudgets(clock, 3);
        for (long user = 1; user <= 4; user++) {
            held.consume(THREE, BudgetUser.of(user));
            clock.advance(Duration.ofSeconds(1));
        }

        assertThat(held.size()).isEqualTo(3);
        assertThat(held.usage(THREE, 1).count()).isZero();
        assertThat(held.usage(THREE, 4).count()).isEqualTo(1);
    }

    @Test
    void by_the_machines_own_clock_a_window_ends_in_a_day() {
        assertThat(Budgets.inMemory().consume(THREE, BudgetUser.of(ALICE)).resetsIn())
                .isEqualTo(DAY);
    }
}
