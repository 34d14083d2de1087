package dev.sluice.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.idempotency.ClaimRequest.Abandoned;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every backend of the guard must do. A backend joins by naming its guard and how its clock is moved. */
@Timeout(30)
abstract class IdempotencyGuardContract {
    static final Duration LEASE = Duration.ofSeconds(5);
    static final Duration KEEP = Duration.ofMinutes(30);
    static final Duration MICROSECOND = Duration.ofNanos(1_000);
    static final Abandoned TAKE_OVER = new Abandoned.TakeOver();
    static final Abandoned BECOMES_UNKNOWN = new Abandoned.BecomesUnknown(Duration.ofMinutes(1));
    static final Fingerprint CONTENT = Fingerprint.of(new byte[] {1});
    static final Fingerprint OTHER_CONTENT = Fingerprint.of(new byte[] {2});
    static final StoredResult RESULT = result("message 17");

    final IdempotencyKey key = newKey();

    abstract IdempotencyGuard guard();

    abstract TwinWait twins();

    /** Moves the backend's clock; by a negative duration, back. */
    abstract void advance(Duration duration);

    static IdempotencyKey newKey() {
        return IdempotencyKey.derived("42", "sendmessage", UUID.randomUUID().toString());
    }

    static StoredResult result(String text) {
        return new StoredResult(text.getBytes(StandardCharsets.UTF_8));
    }

    ClaimRequest request(Abandoned abandoned) {
        return new ClaimRequest(key, CONTENT, LEASE, abandoned);
    }

    Claim claim() {
        return guard().claim(request(TAKE_OVER));
    }

    Claim claimOtherContent() {
        return guard().claim(new ClaimRequest(key, OTHER_CONTENT, LEASE, TAKE_OVER));
    }

    Fence fenceOf(Claim claim) {
        assertThat(claim).isInstanceOf(Claim.New.class);
        return ((Claim.New) claim).fence();
    }

    Fence hold(Abandoned abandoned) {
        return fenceOf(guard().claim(request(abandoned)));
    }

    @Test
    void only_the_first_claim_of_a_key_wins() {
        hold(TAKE_OVER);
        advance(Duration.ofSeconds(2));

        assertThat(claim()).isEqualTo(new Claim.Processing(Duration.ofSeconds(3)));
    }

    @Test
    void claims_of_different_keys_do_not_meet() {
        hold(TAKE_OVER);

        fenceOf(guard().claim(new ClaimRequest(newKey(), CONTENT, LEASE, TAKE_OVER)));
    }

    @Test
    void a_completed_result_is_given_to_every_twin_until_its_keep_has_passed() {
        guard().settle(hold(TAKE_OVER), new Settlement.Complete(RESULT, KEEP));

        assertThat(claim()).isEqualTo(new Claim.Completed(RESULT));
        advance(KEEP.minus(MICROSECOND));
        assertThat(claim()).isEqualTo(new Claim.Completed(RESULT));
        advance(MICROSECOND);
        fenceOf(claim());
    }

    @Test
    void a_refusal_is_given_to_every_twin_until_its_keep_has_passed() {
        guard().settle(hold(TAKE_OVER), new Settlement.Fail(RESULT, KEEP));

        advance(KEEP.minus(MICROSECOND));
        assertThat(claim()).isEqualTo(new Claim.Failed(RESULT));
        assertThat(claim()).isEqualTo(new Claim.Failed(RESULT));
        advance(MICROSECOND);
        fenceOf(claim());
    }

    @Test
    void an_unknown_outcome_is_told_to_every_twin_until_its_keep_has_passed() {
        guard().settle(hold(TAKE_OVER), new Settlement.MarkUnknown(KEEP));

        advance(KEEP.minus(MICROSECOND));
        assertThat(claim()).isEqualTo(new Claim.Unknown());
        assertThat(claim()).isEqualTo(new Claim.Unknown());
        advance(MICROSECOND);
        fenceOf(claim());
    }

    @Test
    void a_result_to_hand_over_goes_to_one_twin_and_is_gone() {
        guard().settle(hold(TAKE_OVER), new Settlement.HandOver(RESULT, KEEP));

        assertThat(claim()).isEqualTo(new Claim.Completed(RESULT));
        fenceOf(claim());
    }

    @Test
    void a_result_to_hand_over_is_gone_once_its_keep_has_passed() {
        guard().settle(hold(TAKE_OVER), new Settlement.HandOver(RESULT, KEEP));
        advance(KEEP);

        fenceOf(claim());
    }

    @Test
    void a_released_claim_leaves_no_record() {
        Fence fence = hold(TAKE_OVER);

        assertThat(guard().settle(fence, new Settlement.Release())).isTrue();
        advance(MICROSECOND);
        assertThat(fenceOf(claimOtherContent()).number()).isGreaterThan(fence.number());
    }

    @Test
    void results_keep_every_byte() {
        byte[] everyByte = new byte[StoredResult.MAX_BYTES];
        for (int i = 0; i < everyByte.length; i++) {
            everyByte[i] = (byte) i;
        }
        guard().settle(hold(TAKE_OVER), new Settlement.Complete(new StoredResult(everyByte), KEEP));

        assertThat(claim()).isEqualTo(new Claim.Completed(new StoredResult(everyByte)));
    }

    @Test
    void a_result_may_be_empty() {
        guard().settle(hold(TAKE_OVER), new Settlement.Complete(result(""), KEEP));

        assertThat(claim()).isEqualTo(new Claim.Completed(result("")));
    }

    static List<Settlement> settlementsThatLeaveARecord() {
        return List.of(
                new Settlement.Complete(RESULT, KEEP),
                new Settlement.Fail(RESULT, KEEP),
                new Settlement.HandOver(RESULT, KEEP),
                new Settlement.MarkUnknown(KEEP));
    }

    @ParameterizedTest
    @MethodSource("settlementsThatLeaveARecord")
    void other_content_under_a_settled_key_is_a_mismatch_and_changes_nothing(Settlement settlement) {
        guard().settle(hold(TAKE_OVER), settlement);

        assertThat(claimOtherContent()).isEqualTo(new Claim.Mismatch());
        assertThat(claim()).isEqualTo(Ending.of(settlement).answer());
    }

    @Test
    void other_content_under_a_held_key_is_a_mismatch_and_changes_nothing() {
        Fence fence = hold(TAKE_OVER);

        assertThat(claimOtherContent()).isEqualTo(new Claim.Mismatch());
        assertThat(claim()).isEqualTo(new Claim.Processing(LEASE));
        assertThat(guard().settle(fence, new Settlement.Complete(RESULT, KEEP))).isTrue();
    }

    @Test
    void other_content_under_an_abandoned_key_is_a_mismatch_and_neither_takes_over_nor_makes_it_unknown() {
        Fence fence = hold(BECOMES_UNKNOWN);
        advance(LEASE);

        assertThat(claimOtherContent()).isEqualTo(new Claim.Mismatch());
        assertThat(guard().settle(fence, new Settlement.Complete(RESULT, KEEP))).isTrue();
    }

    @Test
    void a_claim_whose_holder_died_is_taken_over_when_its_lease_ends_and_not_before() {
        Fence dead = hold(TAKE_OVER);

        advance(LEASE.minus(MICROSECOND));
        assertThat(claim()).isEqualTo(new Claim.Processing(MICROSECOND));
        advance(MICROSECOND);
        Fence successor = fenceOf(claim());
        assertThat(successor.number()).isGreaterThan(dead.number());
        assertThat(claim()).isEqualTo(new Claim.Processing(LEASE));
    }

    @Test
    void fences_grow_even_when_the_clock_is_set_back() {
        long last = 0;
        for (int i = 0; i < 5; i++) {
            Fence fence = fenceOf(guard().claim(new ClaimRequest(key, CONTENT, Duration.ofMillis(10), TAKE_OVER)));
            assertThat(fence.number()).isGreaterThan(last);
            last = fence.number();
            advance(Duration.ofMillis(10));
            assertThat(guard().heartbeat(fence, Duration.ofMillis(10))).isTrue();
            advance(Duration.ofMillis(10));
            if (i == 2) {
                // The record now lies in the future, so that its lease lasts longer; nothing else may come of it.
                advance(Duration.ofMillis(-500));
                assertThat(claim()).isInstanceOf(Claim.Processing.class);
                advance(Duration.ofMillis(500));
            }
        }
    }

    @Test
    void a_holder_that_was_taken_over_can_neither_settle_nor_renew() {
        Fence late = hold(TAKE_OVER);
        advance(LEASE);
        Fence successor = fenceOf(claim());

        assertThat(guard().settle(late, new Settlement.Complete(result("late"), KEEP))).isFalse();
        assertThat(guard().settle(late, new Settlement.Release())).isFalse();
        assertThat(guard().heartbeat(late, Duration.ofMinutes(10))).isFalse();
        assertThat(claim()).isEqualTo(new Claim.Processing(LEASE));
        assertThat(guard().settle(successor, new Settlement.Complete(RESULT, KEEP))).isTrue();
        assertThat(guard().settle(late, new Settlement.Fail(result("late"), KEEP))).isFalse();
        assertThat(claim()).isEqualTo(new Claim.Completed(RESULT));
    }

    @Test
    void a_late_holder_that_nobody_took_over_from_may_still_settle() {
        Fence fence = hold(TAKE_OVER);
        advance(LEASE.plusSeconds(1));

        assertThat(guard().settle(fence, new Settlement.Complete(RESULT, KEEP))).isTrue();
        assertThat(claim()).isEqualTo(new Claim.Completed(RESULT));
    }

    @Test
    void a_claim_that_must_not_be_repeated_becomes_unknown_when_its_holder_died() {
        Fence dead = hold(BECOMES_UNKNOWN);

        advance(LEASE.minus(MICROSECOND));
        assertThat(claim()).isEqualTo(new Claim.Processing(MICROSECOND));
        advance(MICROSECOND);
        assertThat(claim()).isEqualTo(new Claim.Unknown());
        assertThat(guard().settle(dead, new Settlement.Complete(RESULT, KEEP))).isFalse();
        assertThat(guard().heartbeat(dead, LEASE)).isFalse();
        assertThat(claim()).isEqualTo(new Claim.Unknown());
    }

    @Test
    void an_abandoned_claim_stays_unknown_for_its_keep_from_the_first_claim_that_found_it_so() {
        hold(BECOMES_UNKNOWN);
        advance(LEASE.plusSeconds(50));
        assertThat(claim()).isEqualTo(new Claim.Unknown());

        advance(Duration.ofMinutes(1).minus(MICROSECOND));
        assertThat(claim()).isEqualTo(new Claim.Unknown());
        advance(MICROSECOND);
        fenceOf(claim());
    }

    @Test
    void an_abandoned_claim_that_nobody_asked_about_is_forgotten_after_its_keep() {
        hold(BECOMES_UNKNOWN);
        advance(LEASE.plusMinutes(1));

        fenceOf(claim());
    }

    @Test
    void what_becomes_of_an_abandoned_claim_is_said_by_its_holder_not_by_who_finds_it() {
        hold(TAKE_OVER);
        advance(LEASE);
        fenceOf(guard().claim(request(BECOMES_UNKNOWN)));
        advance(LEASE);

        assertThat(guard().claim(request(TAKE_OVER))).isEqualTo(new Claim.Unknown());
    }

    @Test
    void heartbeats_hold_a_claim_for_as_long_as_they_come() {
        Fence fence = hold(TAKE_OVER);
        for (int i = 0; i < 10; i++) {
            advance(Duration.ofSeconds(4));
            assertThat(guard().heartbeat(fence, LEASE)).isTrue();
            assertThat(claim()).isEqualTo(new Claim.Processing(LEASE));
        }
        advance(LEASE);
        fenceOf(claim());
    }

    @Test
    void a_heartbeat_after_the_end_is_refused() {
        Fence fence = hold(TAKE_OVER);
        guard().settle(fence, new Settlement.Complete(RESULT, KEEP));

        assertThat(guard().heartbeat(fence, LEASE)).isFalse();
        assertThat(claim()).isEqualTo(new Claim.Completed(RESULT));
    }

    @ParameterizedTest
    @MethodSource("settlementsThatLeaveARecord")
    void the_same_settlement_again_is_true_and_another_one_false(Settlement settlement) {
        Fence fence = hold(TAKE_OVER);
        assertThat(guard().settle(fence, settlement)).isTrue();

        assertThat(guard().settle(fence, settlement)).isTrue();
        assertThat(guard().settle(fence, new Settlement.Complete(result("other"), KEEP))).isFalse();
        assertThat(guard().settle(fence, new Settlement.Release())).isFalse();
        assertThat(claim()).isEqualTo(Ending.of(settlement).answer());
    }

    @Test
    void of_64_threads_that_claim_one_key_exactly_one_wins() throws Exception {
        List<Claim> claims = atOnce(64, this::claim);

        assertThat(claims).filteredOn(Claim.New.class::isInstance).hasSize(1);
        assertThat(claims).filteredOn(Claim.Processing.class::isInstance).hasSize(63);
    }

    @Test
    void of_64_threads_one_takes_over_an_abandoned_claim() throws Exception {
        hold(TAKE_OVER);
        advance(LEASE);

        assertThat(atOnce(64, this::claim)).filteredOn(Claim.New.class::isInstance).hasSize(1);
    }

    @Test
    void of_64_threads_one_gets_a_result_that_is_handed_over() throws Exception {
        guard().settle(hold(TAKE_OVER), new Settlement.HandOver(RESULT, KEEP));

        List<Claim> claims = atOnce(64, this::claim);

        assertThat(claims).filteredOn(Claim.Completed.class::isInstance).hasSize(1);
        assertThat(claims).filteredOn(Claim.New.class::isInstance).hasSize(1);
    }

    @Test
    void fifty_twins_that_wait_all_get_the_one_result() throws Exception {
        Fence fence = hold(TAKE_OVER);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = new ArrayList<Future<Claim>>();
            for (int i = 0; i < 50; i++) {
                waiting.add(threads.submit(() -> guard().claim(request(TAKE_OVER), Duration.ofSeconds(20))));
            }
            guard().settle(fence, new Settlement.Complete(RESULT, KEEP));
            for (Future<Claim> twin : waiting) {
                assertThat(twin.get(10, TimeUnit.SECONDS)).isEqualTo(new Claim.Completed(RESULT));
            }
        }
    }

    @Test
    void a_twin_that_waits_takes_over_when_the_holder_dies() throws Exception {
        var shortLease = new ClaimRequest(key, CONTENT, Duration.ofMillis(10), TAKE_OVER);
        Fence dead = fenceOf(guard().claim(shortLease));
        var twin = new Twin(() -> guard().claim(shortLease, Duration.ofSeconds(20)));
        twin.awaitBlocked();

        advance(Duration.ofMillis(10));

        assertThat(fenceOf(twin.outcome()).number()).isGreaterThan(dead.number());
    }

    @Test
    void without_patience_a_twin_does_not_wait() throws Exception {
        hold(TAKE_OVER);

        assertThat(guard().claim(request(TAKE_OVER), Duration.ZERO)).isEqualTo(new Claim.Processing(LEASE));
    }

    @Test
    void a_twin_whose_patience_runs_out_learns_that_it_is_still_processing() throws Exception {
        hold(TAKE_OVER);

        assertThat(guard().claim(request(TAKE_OVER), Duration.ofMillis(30))).isEqualTo(new Claim.Processing(LEASE));
    }

    @Test
    void a_waiting_twin_can_be_interrupted() throws Exception {
        hold(TAKE_OVER);
        var twin = new Twin(() -> guard().claim(request(TAKE_OVER), Duration.ofSeconds(20)));
        twin.awaitBlocked();

        twin.thread.interrupt();

        assertThatThrownBy(twin::outcome).hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void awaiting_the_end_of_what_is_not_there_or_over_or_abandoned_does_not_wait() throws Exception {
        assertThat(twins().awaitEnd(key, Duration.ofSeconds(20))).isTrue();
        Fence fence = hold(TAKE_OVER);
        assertThat(twins().awaitEnd(key, Duration.ZERO)).isFalse();
        assertThat(twins().awaitEnd(key, Duration.ofMillis(15))).isFalse();
        advance(LEASE);
        assertThat(twins().awaitEnd(key, Duration.ofSeconds(20))).isTrue();
        guard().settle(fence, new Settlement.Complete(RESULT, KEEP));
        assertThat(twins().awaitEnd(key, Duration.ZERO)).isTrue();
    }

    @Test
    void spans_out_of_bounds_are_refused() {
        Fence fence = hold(TAKE_OVER);

        assertThatThrownBy(() -> guard().heartbeat(fence, Duration.ofHours(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10 ms to 1 h");
        assertThatThrownBy(() -> new Settlement.Complete(RESULT, Duration.ZERO)).hasMessageContaining("1 ms to 31 days");
        assertThatThrownBy(() -> new Abandoned.BecomesUnknown(Duration.ofDays(32)))
                .hasMessageContaining("1 ms to 31 days");
    }

    static List<Claim> atOnce(int count, Callable<Claim> action) throws Exception {
        var start = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var futures = new ArrayList<Future<Claim>>();
            for (int i = 0; i < count; i++) {
                futures.add(threads.submit(() -> {
                    start.await();
                    return action.call();
                }));
            }
            start.countDown();
            var claims = new ArrayList<Claim>();
            for (Future<Claim> future : futures) {
                claims.add(future.get(10, TimeUnit.SECONDS));
            }
            return claims;
        }
    }

    /** Somebody who waits on a thread of its own. */
    static final class Twin {
        final Thread thread;
        private final FutureTask<Claim> task;

        Twin(Callable<Claim> waiting) {
            task = new FutureTask<>(waiting);
            thread = Thread.ofVirtual().start(task);
        }

        void awaitBlocked() {
            await().atMost(Duration.ofSeconds(10)).until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        }

        Claim outcome() throws ExecutionException, InterruptedException, TimeoutException {
            return task.get(10, TimeUnit.SECONDS);
        }
    }
}
