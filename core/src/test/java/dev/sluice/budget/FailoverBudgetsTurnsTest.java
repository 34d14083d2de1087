package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.budget.BreakableBudgets.Way;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.SettableMicros;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Who waits for whom while the store is owed something, and who tells it. */
class FailoverBudgetsTurnsTest {
    private static final Budget TEN = Budget.of("messages", 10, Duration.ofDays(1));
    private static final BudgetUser ALICE = BudgetUser.of(42);

    private final SettableMicros clock = new SettableMicros();
    private final InMemoryBudgets store = new InMemoryBudgets(clock, 100);
    private final Queue<Runnable> later = new ArrayDeque<>();

    @Test
    void an_executor_that_refuses_once_is_asked_again() {
        var way = new BreakableBudgets(store);
        var refusing = new AtomicBoolean(true);
        var budgets = new FailoverBudgets(
                way, new OwnCounts(clock, () -> 1, 100), OnStoreFailure.OPEN, OutageListener.NONE, task -> {
                    if (refusing.get()) {
                        throw new RejectedExecutionException("full");
                    }
                    task.run();
                });
        way.way(Way.CUT);
        budgets.consume(TEN, BudgetUser.of(1));
        way.way(Way.OPEN);
        budgets.consume(TEN, ALICE);
        assertThat(store.usage(TEN, 1).count()).isZero();

        refusing.set(false);
        budgets.consume(TEN, ALICE);
        assertThat(store.usage(TEN, 1).count()).isEqualTo(1);
    }

    @Test
    void who_would_have_to_wait_for_others_deadlines_is_decided_here_and_reported_later() throws Exception {
        var asking = new CountDownLatch(1);
        var answer = new CountDownLatch(1);
        var slow = new AtomicBoolean();
        var way = new BreakableBudgets(store, () -> {
            if (slow.get()) {
                asking.countDown();
                awaitUninterruptibly(answer);
            }
        });
        var budgets = new FailoverBudgets(
                way, new OwnCounts(clock, () -> 1, 100), OnStoreFailure.OPEN, OutageListener.NONE, later::add);
        way.way(Way.CUT);
        budgets.consume(TEN, ALICE);
        way.way(Way.OPEN);
        slow.set(true);
        var first = CompletableFuture.supplyAsync(() -> budgets.consume(TEN, ALICE));
        asking.await();

        Consumption second = budgets.consume(TEN, ALICE);
        assertThat(second.usage().complete()).isFalse();
        answer.countDown();
        assertThat(first.get().usage().count()).isEqualTo(2);
        later.remove().run();
        assertThat(budgets.consume(TEN, ALICE).usage().count()).isEqualTo(4);
    }

    @Test
    void while_the_store_answers_who_does_not_get_a_turn_is_decided_there_and_nothing_more_is_owed() throws Exception {
        var asking = new CountDownLatch(1);
        var answer = new CountDownLatch(1);
        var slow = new AtomicBoolean();
        var way = new BreakableBudgets(store, () -> {
            if (slow.getAndSet(false)) {
                asking.countDown();
                awaitUninterruptibly(answer);
            }
        });
        var own = new OwnCounts(clock, () -> 1, 100);
        var budgets = new FailoverBudgets(way, own, OnStoreFailure.OPEN, OutageListener.NONE, later::add);
        way.way(Way.CUT);
        budgets.consume(TEN, ALICE);
        way.way(Way.OPEN);
        budgets.consume(TEN, BudgetUser.of(1));
        slow.set(true);
        var first = CompletableFuture.supplyAsync(() -> budgets.consume(TEN, ALICE));
        asking.await();

        for (int i = 0; i < 20; i++) {
            Consumption beside = budgets.consume(TEN, ALICE);
            assertThat(beside.usage().complete()).isTrue();
            assertThat(beside.passes()).isEqualTo(i < 10);
        }
        answer.countDown();
        assertThat(first.get()).isInstanceOf(Consumption.Exhausted.class);
        assertThat(own.owesAny()).isFalse();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
