package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.budget.BreakableBudgets.Way;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.SettableMicros;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Replicas lose the store, each goes on with its share, and all find it again: what they let pass together is what counts. */
class FailoverBudgetsPropertyTest {
    private static final Budget TEN = Budget.of("messages", 10, Duration.ofDays(1));
    private static final long ALICE = 42;

    private record Replica(BreakableBudgets way, Budgets budgets) {
        int passes() {
            return budgets.consume(TEN, BudgetUser.of(ALICE)).passes() ? 1 : 0;
        }
    }

    @Property(tries = 300)
    void replicas_that_have_heard_the_same_never_let_more_pass_than_was_left(
            @ForAll long seed,
            @ForAll @IntRange(max = 12) int before,
            @ForAll @IntRange(max = 5) int granted,
            @ForAll @IntRange(min = 1, max = 5) int count) {
        var random = new Random(seed);
        var clock = new SettableMicros();
        var store = new InMemoryBudgets(clock, 100);
        List<Replica> replicas = replicas(store, clock, count);
        int passed = 0;
        for (int i = 0; i < before; i++) {
            passed += replicas.getFirst().passes();
        }
        if (granted > 0) {
            store.grant(TEN, ALICE, granted);
        }
        replicas.forEach(replica -> replica.budgets().usage(TEN, ALICE));

        replicas.forEach(replica -> replica.way().way(Way.CUT));
        for (int i = 0; i < 60; i++) {
            passed += replicas.get(random.nextInt(count)).passes();
        }
        assertThat(passed).isLessThanOrEqualTo(10 + granted);

        replicas.forEach(replica -> {
            replica.way().way(Way.OPEN);
            replica.budgets().usage(TEN, 7); // notices that the store is back, and tells it
        });
        assertThat(store.usage(TEN, ALICE).count()).isEqualTo(passed);
        for (int i = 0; i < 60; i++) {
            passed += replicas.get(random.nextInt(count)).passes();
        }
        assertThat(passed).isEqualTo(10 + granted);
    }

    private static List<Replica> replicas(SharedBudgets store, SettableMicros clock, int count) {
        var replicas = new ArrayList<Replica>();
        for (int i = 0; i < count; i++) {
            var way = new BreakableBudgets(store);
            var own = new OwnCounts(clock, () -> count, 100);
            replicas.add(new Replica(
                    way, new FailoverBudgets(way, own, OnStoreFailure.LOCAL, OutageListener.NONE, Runnable::run)));
        }
        return replicas;
    }
}
