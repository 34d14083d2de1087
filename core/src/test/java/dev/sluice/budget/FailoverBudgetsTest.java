package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.budget.BreakableBudgets.Way;
import dev.sluice.budget.Consumption.Allowed;
import dev.sluice.budget.Consumption.Exempt;
import dev.sluice.budget.Consumption.Exhausted;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailoverBudgetsTest {
    private static final Budget TEN = Budget.of("messages", 10, Duration.ofDays(1));
    private static final BudgetUser ALICE = BudgetUser.of(42);

    private final SettableMicros clock = new SettableMicros();
    private final InMemoryBudgets store = new InMemoryBudgets(clock, 10_000);
    private final List<String> told = new ArrayList<>();
    private final Queue<Runnable> later = new ArrayDeque<>();

    /** One replica and its way to the store. */
    private record Replica(BreakableBudgets way, FailoverBudgets budgets) {
        boolean passes() {
            return budgets.consume(TEN, ALICE).passes();
        }

        int passed(int tries) {
            int passed = 0;
            for (int i = 0; i < tries; i++) {
                passed += passes() ? 1 : 0;
            }
            return passed;
        }
    }

    private Replica replica(OnStoreFailure policy, int replicas) {
        return replica(policy, replicas, OwnCounts.MOST_HELD);
    }

    private Replica replica(OnStoreFailure policy, int replicas, int mostHeld) {
        var way = new BreakableBudgets(store);
        var own = new OwnCounts(clock, () -> replicas, mostHeld);
        var listener = new OutageListener() {
            @Override
            public void outageBegan(RedisUnavailableException cause) {
                told.add("began");
            }

            @Override
            public void outageEnded(Duration lasted) {
                told.add("ended");
            }
        };
        return new Replica(way, new FailoverBudgets(way, own, policy, listener, later::add));
    }

    private void runWhatIsDoneLater() {
        while (!later.isEmpty()) {
            later.remove().run();
        }
    }

    @ParameterizedTest
    @EnumSource
    void while_the_store_answers_it_decides(OnStoreFailure policy) {
        Replica one = replica(policy, 2);
        Replica other = replica(policy, 2);

        assertThat(one.passed(6) + other.passed(6)).isEqualTo(10);
        assertThat(one.budgets.usage(TEN, 42).complete()).isTrue();
        assertThat(told).isEmpty();
        assertThat(later).isEmpty();
    }

    @Test
    void open_lets_everything_pass_and_the_store_is_told_afterwards() {
        Replica replica = replica(OnStoreFailure.OPEN, 3);
        replica.passed(4);
        replica.way.way(Way.CUT);

        Consumption without = replica.budgets.consume(TEN, ALICE);
        assertThat(without).isInstanceOf(Allowed.class);
        assertThat(without.usage().complete()).isFalse();
        assertThat(replica.passed(19)).isEqualTo(19);
        assertThat(store.usage(TEN, 42).count()).isEqualTo(4);

        replica.way.way(Way.OPEN);
        assertThat(replica.budgets.consume(TEN, ALICE)).isInstanceOf(Exhausted.class);
        assertThat(store.usage(TEN, 42).count()).isEqualTo(24);
        assertThat(told).containsExactly("began", "ended");
    }

    @Test
    void closed_throws_and_counts_nothing() {
        Replica replica = replica(OnStoreFailure.CLOSED, 1);
        replica.way.way(Way.CUT);

        assertThatThrownBy(replica::passes).isInstanceOf(RedisUnavailableException.class);
        assertThatThrownBy(replica::passes).isInstanceOf(RedisUnavailableException.class);
        replica.way.way(Way.OPEN);
        assertThat(replica.budgets.consume(TEN, ALICE).remaining()).isEqualTo(9);
        assertThat(told).containsExactly("began", "ended");
    }

    @Test
    void local_lets_this_replicas_share_pass_of_what_was_left() {
        Replica replica = replica(OnStoreFailure.LOCAL, 3);
        replica.passed(3);
        replica.way.way(Way.CUT);

        Consumption first = replica.budgets.consume(TEN, ALICE);
        assertThat(first).isInstanceOf(Allowed.class);
        assertThat(first.remaining()).as("7 were left, so 2 for each of 3").isEqualTo(1);
        assertThat(first.usage().count()).isEqualTo(4);
        assertThat(first.resetsIn()).isEqualTo(Duration.ofDays(1));
        assertThat(replica.passed(5)).isEqualTo(1);
        assertThat(replica.budgets.consume(TEN, ALICE)).isInstanceOf(Exhausted.class);
        assertThat(replica.budgets.consume(TEN, BudgetUser.of(7)).remaining())
                .as("never heard of: a third of all")
                .isEqualTo(2);

        clock.advance(Duration.ofDays(1));
        assertThat(replica.passed(5)).as("a new window").isEqualTo(3);
        replica.way.way(Way.OPEN);
        assertThat(replica.budgets.consume(TEN, ALICE).usage().count()).isEqualTo(4);
    }

    @Test
    void without_the_store_whoever_is_on_the_whitelist_passes() {
        Replica replica = replica(OnStoreFailure.LOCAL, 1);
        replica.way.way(Way.CUT);
        Budget none = Budget.of("messages", 0, Duration.ofDays(1)).withWhitelist(Whitelist.of(List.of("42")));

        assertThat(replica.budgets.consume(none, ALICE)).isInstanceOf(Exempt.class);
        assertThat(replica.budgets.consume(none, BudgetUser.of(7))).isInstanceOf(Exhausted.class);
        replica.way.way(Way.OPEN);
        replica.budgets.consume(none, ALICE);
        assertThat(store.usage(none, 42).count()).isEqualTo(2);
    }

    @Test
    void users_who_do_not_come_again_are_reported_too() {
        Replica replica = replica(OnStoreFailure.OPEN, 1);
        replica.way.way(Way.CUT);
        for (long user = 1; user <= 5; user++) {
            replica.budgets.consume(TEN, BudgetUser.of(user));
        }
        replica.way.way(Way.OPEN);
        replica.budgets.consume(TEN, ALICE);
        runWhatIsDoneLater();

        for (long user = 1; user <= 5; user++) {
            assertThat(store.usage(TEN, user).count()).isEqualTo(1);
        }
        replica.budgets.consume(TEN, ALICE);
        assertThat(later).as("nothing is owed any more").isEmpty();
    }

    @Test
    void a_report_that_the_store_did_not_get_is_made_again_and_one_it_may_have_got_is_not() {
        Replica replica = replica(OnStoreFailure.OPEN, 1);
        replica.way.way(Way.CUT);
        replica.budgets.consume(TEN, BudgetUser.of(1));
        replica.way.way(Way.OPEN);
        replica.budgets.consume(TEN, ALICE);
        replica.way.way(Way.CUT);
        runWhatIsDoneLater();
        assertThat(store.usage(TEN, 1).count()).isZero();

        replica.way.way(Way.OPEN);
        replica.budgets.consume(TEN, ALICE);
        replica.way.way(Way.LOSES_REPLIES);
        runWhatIsDoneLater();
        replica.way.way(Way.OPEN);
        replica.budgets.consume(TEN, ALICE);
        runWhatIsDoneLater();
        assertThat(store.usage(TEN, 1).count()).isEqualTo(1);
        assertThat(told).containsExactly("began", "ended", "began", "ended", "began", "ended");
    }

    @Test
    void what_was_counted_although_its_answer_was_lost_is_not_counted_twice() {
        Replica replica = replica(OnStoreFailure.OPEN, 1);
        replica.way.way(Way.LOSES_REPLIES);
        assertThat(replica.passes()).isTrue();
        replica.way.way(Way.OPEN);
        replica.budgets.consume(TEN, ALICE);
        runWhatIsDoneLater();

        assertThat(store.usage(TEN, 42).count()).isEqualTo(2);
    }

    @Test
    void what_passed_in_a_window_that_has_ended_is_not_reported() {
        Replica replica = replica(OnStoreFailure.OPEN, 1);
        replica.way.way(Way.CUT);
        replica.passed(5);
        clock.advance(Duration.ofDays(1));
        replica.way.way(Way.OPEN);

        assertThat(replica.budgets.consume(TEN, ALICE).usage().count()).isEqualTo(1);
        runWhatIsDoneLater();
        assertThat(store.usage(TEN, 42).count()).isEqualTo(1);
    }

    @Test
    void a_reset_forgives_what_passed_without_the_store() {
        Replica replica = replica(OnStoreFailure.OPEN, 1);
        replica.way.way(Way.CUT);
        replica.passed(5);
        replica.way.way(Way.OPEN);
        replica.budgets.reset(TEN, 42);
        runWhatIsDoneLater();

        assertThat(replica.budgets.consume(TEN, ALICE).usage().count()).isEqualTo(1);
    }

    @Test
    void what_is_known_of_users_has_a_bound() {
        Replica replica = replica(OnStoreFailure.OPEN, 1, 2);
        replica.way.way(Way.CUT);
        for (long user = 1; user <= 4; user++) {
            replica.budgets.consume(TEN, BudgetUser.of(user));
        }
        replica.way.way(Way.OPEN);
        replica.budgets.consume(TEN, BudgetUser.of(4));
        runWhatIsDoneLater();

        assertThat(store.usage(TEN, 1).count()).isZero();
        assertThat(store.usage(TEN, 3).count()).isEqualTo(1);
        assertThat(store.usage(TEN, 4).count()).isEqualTo(2);
        replica.budgets.consume(TEN, ALICE);
        assertThat(later).isEmpty();
    }

    @Test
    void an_interrupted_caller_is_no_outage() {
        Replica replica = replica(OnStoreFailure.OPEN, 1);
        replica.way.way(Way.INTERRUPTED);

        assertThatThrownBy(replica::passes).isInstanceOf(RedisUnavailableException.class);
        assertThat(told).isEmpty();
    }

    @Test
    void what_operators_ask_needs_the_store_whatever_the_policy() {
        Replica replica = replica(OnStoreFailure.OPEN, 1);
        replica.way.way(Way.CUT);

        assertThatThrownBy(() -> replica.budgets.usage(TEN, 42)).isInstanceOf(RedisUnavailableException.class);
        assertThatThrownBy(() -> replica.budgets.grant(TEN, 42, 1)).isInstanceOf(RedisUnavailableException.class);
        assertThatThrownBy(() -> replica.budgets.reset(TEN, 42)).isInstanceOf(RedisUnavailableException.class);
        assertThatThrownBy(() -> replica.budgets.scan(TEN, Budgets.START, 1))
                .isInstanceOf(RedisUnavailableException.class);
        replica.way.way(Way.OPEN);
        assertThat(replica.budgets.grant(TEN, 42, 1).remaining()).isEqualTo(11);
        assertThat(replica.budgets.scan(TEN, Budgets.START, 1).users()).hasSize(1);
        assertThat(told).containsExactly("began", "ended");
    }

    @ParameterizedTest
    @EnumSource(
            value = OnStoreFailure.class,
            names = {"OPEN", "LOCAL"})
    void what_passed_in_a_window_that_redis_had_begun_is_not_charged_to_the_next_one(OnStoreFailure policy) {
        Replica replica = replica(policy, 1);
        replica.passed(1);
        clock.advance(Duration.ofHours(23));
        replica.way.way(Way.CUT);
        replica.passed(5);
        clock.advance(Duration.ofHours(1));
        assertThat(store.consume(TEN, ALICE).usage().count())
                .as("another replica begins the next")
                .isEqualTo(1);

        replica.way.way(Way.OPEN);
        assertThat(replica.budgets.consume(TEN, ALICE).usage().count()).isEqualTo(2);
        runWhatIsDoneLater();
        assertThat(store.usage(TEN, 42).count()).isEqualTo(2);
    }

    @Test
    void a_report_moves_no_reset_time_whether_redis_has_begun_a_window_or_not() {
        Replica replica = replica(OnStoreFailure.OPEN, 1);
        var told = replica.budgets.consume(TEN, ALICE).resetsAt();
        clock.advance(Duration.ofHours(20));
        replica.way.way(Way.CUT);
        assertThat(replica.budgets.consume(TEN, ALICE).resetsAt()).isEqualTo(told);
        var toldBob = replica.budgets.consume(TEN, BudgetUser.of(43)).resetsAt();
        clock.advance(Duration.ofHours(2));
        replica.way.way(Way.OPEN);

        assertThat(replica.budgets.consume(TEN, ALICE).resetsAt()).isEqualTo(told);
        runWhatIsDoneLater();
        assertThat(store.usage(TEN, 43).count()).isEqualTo(1);
        assertThat(store.usage(TEN, 43).resetsAt()).isEqualTo(toldBob);
    }

    @Test
    void a_replica_that_nobody_asks_any_more_reports_when_the_watch_finds_redis_back() {
        Replica replica = replica(OnStoreFailure.OPEN, 1);
        replica.way.way(Way.CUT);
        replica.budgets.lost(gone(), Duration.ZERO);
        assertThat(told).containsExactly("began");
        replica.passed(3);
        replica.way.way(Way.OPEN);
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            replica.budgets.found(); // looks several times a second
            runWhatIsDoneLater();
            return !told.getLast().equals("began");
        });

        assertThat(told).containsExactly("began", "ended");
        assertThat(store.usage(TEN, 42).count()).isEqualTo(3);
    }

    @Test
    void a_look_that_failed_before_redis_answered_is_no_second_outage() {
        Replica replica = replica(OnStoreFailure.OPEN, 1);
        replica.budgets.lost(gone(), Duration.ZERO);
        replica.passes();
        replica.budgets.lost(gone(), Duration.ofMinutes(1));
        assertThat(told).containsExactly("began", "ended");

        replica.budgets.lost(gone(), Duration.ZERO);
        assertThat(told).containsExactly("began", "ended", "began");
    }

    @Test
    void a_replica_that_stops_reports_before() {
        Replica replica = replica(OnStoreFailure.OPEN, 1);
        replica.way.way(Way.CUT);
        replica.passed(3);
        replica.budgets.consume(TEN, BudgetUser.of(43));
        replica.budgets.close();
        assertThat(store.usage(TEN, 42).count()).as("it cannot").isZero();

        replica.way.way(Way.OPEN);
        replica.budgets.close();
        assertThat(store.usage(TEN, 42).count()).isEqualTo(3);
        assertThat(store.usage(TEN, 43).count()).isEqualTo(1);
    }

    @Test
    void a_redis_that_takes_no_writes_is_not_back_with_an_answer_to_a_mere_question() {
        Replica replica = replica(OnStoreFailure.OPEN, 1);
        replica.way.way(Way.FULL);
        assertThat(replica.passes()).isTrue();
        replica.budgets.usage(TEN, 42);
        assertThat(replica.passes()).isTrue();
        assertThat(told).containsExactly("began");

        replica.way.way(Way.OPEN);
        replica.passes();
        assertThat(told).containsExactly("began", "ended");
        assertThat(store.usage(TEN, 42).count()).isEqualTo(3);
    }

    @Test
    void whom_redis_is_owed_for_is_forgotten_after_all_others() {
        Replica replica = replica(OnStoreFailure.OPEN, 1, 3);
        replica.way.way(Way.CUT);
        replica.budgets.consume(TEN, BudgetUser.of(1));
        replica.budgets.consume(TEN, BudgetUser.of(2));
        replica.way.way(Way.LOSES_REPLIES);
        for (long user = 10; user < 20; user++) {
            replica.budgets.consume(TEN, BudgetUser.of(user));
        }
        replica.way.way(Way.OPEN);
        replica.budgets.consume(TEN, BudgetUser.of(20));
        runWhatIsDoneLater();

        assertThat(store.usage(TEN, 1).count()).isEqualTo(1);
        assertThat(store.usage(TEN, 2).count()).isEqualTo(1);
    }

    private static RedisUnavailableException gone() {
        return new RedisUnavailableException("gone", false, null);
    }
}
