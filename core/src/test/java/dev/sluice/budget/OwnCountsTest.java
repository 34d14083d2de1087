package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.SettableMicros;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OwnCountsTest {
    private static final Budget TEN = Budget.of("messages", 10, Duration.ofDays(1));
    private static final BudgetUser ALICE = BudgetUser.of(42);

    private final SettableMicros clock = new SettableMicros();
    private final OwnCounts own = new OwnCounts(clock, () -> 1, 100);

    /** What Redis says that has counted so many, at its own time. */
    private Usage news(long count) {
        long now = clock.getAsLong();
        return Usage.of(TEN, 42, new Counters(count, 0, 0, now + 3_600_000_000L), now);
    }

    private long known() {
        return own.consume(TEN, ALICE, true, true).usage().count() - 1;
    }

    @Test
    void news_that_were_overtaken_lower_no_count() {
        long first = own.asking();
        Usage older = news(4);
        clock.advanceMicros(1);
        long second = own.asking();
        Usage newer = news(5);
        own.heard(TEN, newer, second);
        own.heard(TEN, older, first);

        assertThat(known()).isEqualTo(5);
    }

    @Test
    void news_that_were_asked_for_before_something_passed_here_do_not_undo_it() {
        own.heard(TEN, news(4), own.asking());
        long asked = own.asking();
        Usage older = news(4);
        own.consume(TEN, ALICE, true, true);
        own.heard(TEN, older, asked);

        assertThat(known()).isEqualTo(5);
    }

    @Test
    void news_after_redis_clock_jumped_back_are_news() {
        own.heard(TEN, news(4), own.asking());
        long asked = own.asking();
        clock.advance(Duration.ofSeconds(-30));
        Usage newer = news(6);
        clock.advance(Duration.ofSeconds(30));
        own.heard(TEN, newer, asked);

        assertThat(known()).isEqualTo(6);
    }

    @Test
    void to_ask_what_is_owed_for_a_user_keeps_nothing_of_users_who_are_not_known() {
        var bounded = new OwnCounts(clock, () -> 1, 2);
        bounded.consume(TEN, ALICE, false, false);
        bounded.heard(
                TEN,
                Usage.of(TEN, 7, new Counters(10, 0, 0, clock.getAsLong() + 1_000_000), clock.getAsLong()),
                bounded.asking());
        for (long user = 100; user < 200; user++) {
            assertThat(bounded.take(TEN, user)).isEmpty();
        }

        assertThat(bounded.consume(TEN, BudgetUser.of(7), true, false).usage().count())
                .as("still known")
                .isEqualTo(10);
    }

    @Test
    void what_is_given_back_is_owed_again_unless_its_window_ended() {
        own.consume(TEN, ALICE, false, false);
        OwnCounts.Debt debt = own.take(TEN, 42).orElseThrow();
        assertThat(own.owesAny()).isFalse();
        own.giveBack(TEN, 42, debt);
        assertThat(own.owed()).hasSize(1);
        assertThat(own.take(TEN, 42)).contains(debt);

        own.forget(TEN, 42);
        own.giveBack(TEN, 42, debt);
        assertThat(own.take(TEN, 42)).contains(debt);
        clock.advance(Duration.ofDays(1));
        own.giveBack(TEN, 42, debt);
        assertThat(own.owesAny()).isFalse();
    }
}
