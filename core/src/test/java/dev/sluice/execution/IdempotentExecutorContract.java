package dev.sluice.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.delivery.ResultCodec;
import dev.sluice.encryption.KeyRing;
import dev.sluice.execution.Execution.Done;
import dev.sluice.execution.Execution.Failed;
import dev.sluice.execution.Execution.FailedBefore;
import dev.sluice.execution.Execution.InProgress;
import dev.sluice.execution.Execution.Mismatch;
import dev.sluice.execution.Execution.Ran;
import dev.sluice.execution.Execution.Replayed;
import dev.sluice.execution.Execution.Unknown;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.idempotency.IdempotencyGuard;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.redis.RedisUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What executors keep to on every guard, whose clock the test moves. */
@Timeout(60)
abstract class IdempotentExecutorContract {
    private static final String KIND = "payment-webhook";
    private static final ExecutionSettings AT_LEAST_ONCE = ExecutionSettings.atLeastOnce();
    private static final ExecutionSettings AT_MOST_ONCE = ExecutionSettings.atMostOnce();
    private static final Duration LEASE = ExecutionSettings.DEFAULT_LEASE;

    final AtomicInteger runs = new AtomicInteger();
    final ExecutionCounts counts = new ExecutionCounts();
    private final List<IdempotentExecutor<String>> opened = new ArrayList<>();

    abstract IdempotencyGuard guard();

    abstract void advance(Duration duration);

    @AfterEach
    void close() {
        opened.forEach(IdempotentExecutor::close);
    }

    private IdempotentExecutor.Builder<String> builder(IdempotencyGuard guard, ExecutionSettings settings) {
        return IdempotentExecutor.of(KIND, guard, ResultCodec.TEXT, settings).events(counts);
    }

    private IdempotentExecutor<String> executor(ExecutionSettings settings) {
        return opened(builder(guard(), settings));
    }

    private IdempotentExecutor<String> opened(IdempotentExecutor.Builder<String> builder) {
        IdempotentExecutor<String> executor = builder.open();
        opened.add(executor);
        return executor;
    }

    private Callable<String> returning(String value) {
        return () -> {
            runs.incrementAndGet();
            return value;
        };
    }

    private Callable<String> failing() {
        return () -> {
            runs.incrementAndGet();
            throw new IOException("no route");
        };
    }

    @Test
    void the_first_caller_runs_it_and_repeats_get_its_result_until_it_is_forgotten() throws Exception {
        var executor = executor(AT_LEAST_ONCE.withKeep(Duration.ofMinutes(5)));

        assertThat(executor.run("order-17", returning("paid"))).isEqualTo(new Ran<>("paid", true));
        assertThat(executor.run("order-17", returning("again"))).isEqualTo(new Replayed<>("paid"));
        assertThat(executor.run("order-18", returning("other"))).isEqualTo(new Ran<>("other", true));
        advance(Duration.ofMinutes(5));
        assertThat(executor.run("order-17", returning("once more"))).isEqualTo(new Ran<>("once more", true));
        assertThat(counts.of(KIND)).isEqualTo(new ExecutionCounts.Counts(4, 3, 1, 1));
        assertThat(counts.of("other")).isEqualTo(new ExecutionCounts.Counts(0, 0, 0, 0));
    }

    @Test
    void work_that_was_done_stays_done_although_the_listener_throws() throws Exception {
        var executor = opened(builder(guard(), AT_MOST_ONCE).events((kind, execution) -> {
            throw new IllegalStateException("no metrics today");
        }));

        assertThat(executor.run("order-17", returning("paid"))).isEqualTo(new Ran<>("paid", true));
        assertThat(executor.run("order-17", returning("again"))).isEqualTo(new Replayed<>("paid"));
    }

    @Test
    void of_64_callers_one_runs_it_and_the_others_wait_for_its_result() throws Exception {
        var executor = executor(AT_LEAST_ONCE.withMaxWait(Duration.ofSeconds(30)));
        var started = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        Callable<String> work = () -> {
            runs.incrementAndGet();
            started.countDown();
            go.await();
            return "paid";
        };
        var outcomes = new ArrayList<Execution<String>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var callers = new ArrayList<Future<Execution<String>>>();
            for (int i = 0; i < 64; i++) {
                callers.add(threads.submit(() -> executor.run("order-17", work)));
            }
            started.await();
            assertThat(executor(AT_LEAST_ONCE.withMaxWait(Duration.ZERO)).run("order-17", work))
                    .isInstanceOf(InProgress.class);
            go.countDown();
            for (var caller : callers) {
                outcomes.add(caller.get(30, TimeUnit.SECONDS));
            }
        }

        assertThat(runs).hasValue(1);
        assertThat(outcomes).filteredOn(new Ran<>("paid", true)::equals).hasSize(1);
        assertThat(outcomes).filteredOn(new Replayed<>("paid")::equals).hasSize(63);
        assertThat(counts.of(KIND)).isEqualTo(new ExecutionCounts.Counts(65, 1, 64, 63));
    }

    @Test
    void other_content_under_a_key_is_told_apart_and_kinds_do_not_meet() throws Exception {
        var executor = executor(AT_LEAST_ONCE);
        executor.run("order-17", Fingerprint.of(new byte[] {1}), returning("paid"));

        assertThat(executor.run("order-17", Fingerprint.of(new byte[] {2}), returning("paid")))
                .isEqualTo(new Mismatch<>());
        var refunds = opened(IdempotentExecutor.of("refund", guard(), ResultCodec.TEXT, AT_LEAST_ONCE));
        assertThat(refunds.run("order-17", returning("refunded"))).isEqualTo(new Ran<>("refunded", true));
        assertThat(counts.of(KIND).duplicatesPrevented()).isZero();
    }

    @Test
    void at_least_once_what_failed_is_tried_again_and_at_most_once_it_is_in_doubt() throws Exception {
        var atLeast = executor(AT_LEAST_ONCE);
        assertThat(atLeast.run("a", failing()))
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.after()).isEqualTo(new AfterFailure.Retry()));
        assertThat(atLeast.run("a", returning("paid"))).isEqualTo(new Ran<>("paid", true));

        var atMost = executor(AT_MOST_ONCE);
        assertThat(atMost.run("b", failing())).isInstanceOf(Failed.class);
        assertThat(atMost.run("b", returning("paid"))).isEqualTo(new Unknown<>());
        assertThat(runs).hasValue(3);
        assertThat(counts.of(KIND)).isEqualTo(new ExecutionCounts.Counts(4, 3, 1, 0));
    }

    @Test
    void a_failure_that_is_final_is_told_to_repeats() throws Exception {
        var executor = opened(builder(guard(), AT_MOST_ONCE)
                .onFailure(e -> e instanceof IOException
                        ? new AfterFailure.Remember("refused" + "!".repeat(2_000))
                        : new AfterFailure.Retry()));

        assertThat(executor.run("a", failing()))
                .isInstanceOfSatisfying(
                        Failed.class, failed -> assertThat(failed.cause()).isInstanceOf(IOException.class));
        assertThat(executor.run("a", returning("paid")))
                .isInstanceOfSatisfying(
                        FailedBefore.class,
                        before -> assertThat(before.reason())
                                .startsWith("refused!")
                                .hasSize(AfterFailure.LONGEST_REASON));
        assertThat(executor.run("b", () -> {
                    throw new IllegalStateException("not now");
                }))
                .isInstanceOf(Failed.class);
        assertThat(executor.run("b", returning("paid"))).isEqualTo(new Ran<>("paid", true));
        assertThat(counts.of(KIND).callsSaved()).isEqualTo(1);
    }

    @Test
    void a_policy_that_throws_is_no_policy() throws Exception {
        var executor = opened(builder(guard(), AT_MOST_ONCE).onFailure(e -> {
            throw new IllegalStateException("defect");
        }));

        assertThat(executor.run("a", failing())).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.after()).isEqualTo(new AfterFailure.InDoubt());
            assertThat(failed.cause().getSuppressed()).hasSize(1);
        });
        assertThat(executor.run("a", returning("paid"))).isEqualTo(new Unknown<>());
    }

    @Test
    void what_a_dead_process_left_is_done_again_with_a_greater_fence_or_not_at_all() throws Exception {
        long dead = abandoned("a", AT_LEAST_ONCE);
        abandoned("b", AT_MOST_ONCE);
        advance(LEASE);
        var fence = new AtomicLong();

        Execution<String> again = executor(AT_LEAST_ONCE).runFenced("a", anyContent(), mine -> {
            fence.set(mine.number());
            return "paid";
        });
        assertThat(again).isEqualTo(new Ran<>("paid", true));
        assertThat(fence.get()).isGreaterThan(dead);
        assertThat(executor(AT_MOST_ONCE).run("b", returning("paid"))).isEqualTo(new Unknown<>());
        assertThat(runs).hasValue(0);
    }

    private long abandoned(String key, ExecutionSettings settings) {
        var request = new ClaimRequest(IdempotencyKey.ofWork(KIND, key), anyContent(), LEASE, settings.abandoned());
        return guard().claim(request) instanceof Claim.New(Fence fence) ? fence.number() : 0;
    }

    private static Fingerprint anyContent() {
        return Fingerprint.of(new byte[0]);
    }

    @Test
    void who_lost_its_lease_is_told_that_its_result_was_not_kept_and_its_successors_is() throws Exception {
        var late = executor(AT_LEAST_ONCE);
        var successor = executor(AT_LEAST_ONCE);

        Execution<String> execution = late.run("a", () -> {
            advance(LEASE);
            assertThat(successor.run("a", returning("second"))).isEqualTo(new Ran<>("second", true));
            return "first";
        });
        assertThat(execution).isEqualTo(new Ran<>("first", false));
        assertThat(late.run("a", returning("third"))).isEqualTo(new Replayed<>("second"));
    }

    @Test
    void the_lease_is_renewed_while_the_work_runs() throws Exception {
        var guard = new TroubledGuard(guard());
        var executor = opened(builder(guard, AT_MOST_ONCE.withLease(Duration.ofMillis(300))));

        Execution<String> execution = executor.run("a", () -> {
            for (int beat = 1; beat <= 3; beat++) {
                int wanted = beat;
                await().atMost(Duration.ofSeconds(20)).until(() -> guard.heartbeats.get() >= wanted);
                advance(Duration.ofMillis(200));
            }
            assertThat(executor(AT_MOST_ONCE.withMaxWait(Duration.ZERO)).run("a", returning("second")))
                    .isInstanceOf(InProgress.class);
            return "paid";
        });
        assertThat(execution).isEqualTo(new Ran<>("paid", true));
        int beats = guard.heartbeats.get();
        assertThat(executor.run("b", returning("short"))).isEqualTo(new Ran<>("short", true));
        assertThat(guard.heartbeats.get()).as("at most one was under way").isLessThanOrEqualTo(beats + 1);
    }

    @Test
    void a_result_that_is_too_long_is_returned_and_not_kept() throws Exception {
        var executor = executor(AT_LEAST_ONCE.withLargestResult(10));

        assertThat(executor.run("a", returning("x".repeat(11)))).isEqualTo(new Ran<>("x".repeat(11), false));
        assertThat(executor.run("a", returning("again"))).isEqualTo(new Done<>());
        assertThat(executor.run("b", returning("x".repeat(10)))).isEqualTo(new Ran<>("x".repeat(10), true));
        assertThat(executor.run("c", returning(""))).isEqualTo(new Ran<>("", true));
        assertThat(executor.run("c", returning("again"))).isEqualTo(new Replayed<>(""));
        String longest = "x".repeat(KeptResults.LARGEST);
        assertThat(executor(AT_LEAST_ONCE).run("d", returning(longest))).isEqualTo(new Ran<>(longest, true));
        assertThat(runs).hasValue(4);
        assertThat(counts.of(KIND)).isEqualTo(new ExecutionCounts.Counts(6, 4, 2, 2));
    }

    @Test
    void a_result_that_cannot_be_written_or_read_does_not_make_the_work_undone() throws Exception {
        var unwritable = new ResultCodec<String>() {
            @Override
            public byte[] encode(String value) {
                if (value.equals("unwritable")) {
                    throw new IllegalStateException("codec");
                }
                return ResultCodec.TEXT.encode(value);
            }

            @Override
            public String decode(byte[] bytes) {
                throw new IllegalStateException("codec");
            }
        };
        var executor = opened(IdempotentExecutor.of(KIND, guard(), unwritable, AT_LEAST_ONCE));

        assertThat(executor.run("a", returning("unwritable"))).isEqualTo(new Ran<>("unwritable", false));
        assertThat(executor.run("a", returning("again"))).isEqualTo(new Done<>());
        assertThat(executor.run("b", returning("unreadable"))).isEqualTo(new Ran<>("unreadable", true));
        assertThat(executor.run("b", returning("again"))).isEqualTo(new Done<>());
        assertThat(runs).hasValue(2);
    }

    @Test
    void what_another_key_sealed_cannot_be_read_and_is_not_done_again() throws Exception {
        var mine = opened(builder(guard(), AT_LEAST_ONCE)
                .sealer(KeyRing.random())
                .onFailure(e -> new AfterFailure.Remember("secret")));
        var others = opened(builder(guard(), AT_LEAST_ONCE).sealer(KeyRing.random()));

        mine.run("a", returning("paid"));
        mine.run("b", failing());
        assertThat(mine.run("a", returning("again"))).isEqualTo(new Replayed<>("paid"));
        assertThat(mine.run("b", returning("again"))).isEqualTo(new FailedBefore<>("secret"));
        assertThat(others.run("a", returning("again"))).isEqualTo(new Done<>());
        assertThat(others.run("b", returning("again"))).isEqualTo(new FailedBefore<>(""));
    }

    @Test
    void a_claim_whose_answer_was_lost_is_taken_back() throws Exception {
        var guard = new TroubledGuard(guard());
        guard.lostClaims.set(1);
        var executor = opened(builder(guard, AT_MOST_ONCE));

        assertThatThrownBy(() -> executor.run("a", returning("paid"))).isInstanceOf(RedisUnavailableException.class);
        await().atMost(Duration.ofSeconds(20)).until(() -> guard.withdrawn.get() == 1);
        assertThat(executor.run("a", returning("paid"))).isEqualTo(new Ran<>("paid", true));
        assertThat(runs).hasValue(1);
    }

    @Test
    void an_outcome_is_written_down_as_soon_as_the_store_is_back() throws Exception {
        var guard = new TroubledGuard(guard());
        guard.refusedSettlements.set(3);
        var executor = opened(builder(guard, AT_MOST_ONCE.withSettleWithin(Duration.ofSeconds(30))));

        assertThat(executor.run("a", returning("paid"))).isEqualTo(new Ran<>("paid", true));
        assertThat(executor.run("a", returning("again"))).isEqualTo(new Replayed<>("paid"));
    }

    @Test
    void an_outcome_that_cannot_be_written_down_is_returned_all_the_same() throws Exception {
        var guard = new TroubledGuard(guard());
        guard.refusedSettlements.set(Integer.MAX_VALUE);
        var impatient = opened(builder(guard, AT_MOST_ONCE.withSettleWithin(Duration.ZERO)));
        assertThat(impatient.run("a", returning("paid"))).isEqualTo(new Ran<>("paid", false));
        advance(LEASE);
        assertThat(impatient.run("a", returning("again")))
                .as("as if it had died")
                .isEqualTo(new Unknown<>());

        guard.refusedSettlements.set(0);
        guard.brokenSettlements.set(1);
        assertThat(impatient.run("b", returning("paid"))).isEqualTo(new Ran<>("paid", false));
    }

    @Test
    void an_interrupted_caller_writes_down_what_it_did() throws Exception {
        var executor = opened(builder(new TroubledGuard(guard()), AT_LEAST_ONCE));

        Execution<String> execution = executor.run("a", () -> {
            Thread.currentThread().interrupt();
            return "paid";
        });
        assertThat(Thread.interrupted()).as("still set").isTrue();
        assertThat(execution).isEqualTo(new Ran<>("paid", true));
        assertThatThrownBy(() -> executor.run("b", () -> {
                    throw new InterruptedException("stop");
                }))
                .isInstanceOf(InterruptedException.class)
                .hasMessage("stop");
        assertThat(executor.run("b", returning("later"))).as("released").isEqualTo(new Ran<>("later", true));
    }

    @Test
    void what_is_no_kind_and_no_setting_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IdempotentExecutor.of("Payment Webhook", guard(), ResultCodec.TEXT, AT_MOST_ONCE))
                .withMessage("kind of work 'Payment Webhook' does not match [a-z0-9_-]{1,32}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AT_MOST_ONCE.withLease(Duration.ofMillis(99)))
                .withMessage("lease must be PT0.1S to PT1H, not PT0.099S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AT_MOST_ONCE.withMaxWait(Duration.ofSeconds(-1)))
                .withMessage("maxWait must be PT0S to PT1H, not PT-1S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AT_MOST_ONCE.withLargestResult(KeptResults.LARGEST + 1))
                .withMessageStartingWith("largestResult must be 0 to 1048542 bytes");
        assertThat(AT_MOST_ONCE.withKeep(Duration.ofHours(2)).abandoned())
                .isEqualTo(new ClaimRequest.Abandoned.BecomesUnknown(Duration.ofHours(2)));
    }
}
