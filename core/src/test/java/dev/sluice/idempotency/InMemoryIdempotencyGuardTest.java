package dev.sluice.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.SluiceException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class InMemoryIdempotencyGuardTest extends IdempotencyGuardContract {
    private static final long ROOMY = 8L << 20;

    private final AtomicLong microClock = new AtomicLong(1_767_225_600_000_000L);
    private InMemoryIdempotencyGuard guard = new InMemoryIdempotencyGuard(microClock::get);

    @Override
    IdempotencyGuard guard() {
        return guard;
    }

    @Override
    TwinWait twins() {
        return guard;
    }

    @Override
    void advance(Duration duration) {
        microClock.addAndGet(Spans.micros(duration));
    }

    private Fence holdAnother(Duration lease) {
        return fenceOf(guard.claim(new ClaimRequest(newKey(), CONTENT, lease, TAKE_OVER)));
    }

    @Test
    void on_its_own_clock_a_lease_ends_by_itself() throws Exception {
        guard = new InMemoryIdempotencyGuard();
        var request = new ClaimRequest(key, CONTENT, Duration.ofMillis(20), TAKE_OVER);
        fenceOf(guard.claim(request));

        fenceOf(guard.claim(request, Duration.ofSeconds(20)));
    }

    @Test
    void records_past_their_end_vanish_without_traffic_to_their_keys() {
        for (int i = 0; i < 500; i++) {
            Fence fence = holdAnother(LEASE);
            if (i % 2 == 0) {
                guard.settle(fence, new Settlement.Complete(RESULT, KEEP));
            }
        }
        assertThat(guard.size()).isEqualTo(500);
        advance(KEEP);

        for (int i = 0; i < 10; i++) {
            fenceOf(guard.claim(new ClaimRequest(newKey(), CONTENT, LEASE, TAKE_OVER)));
        }

        assertThat(guard.size()).isEqualTo(10);
        assertThat(guard.evicted()).isZero();
    }

    @Test
    void adopted_claims_of_one_fence_number_end_each_by_itself() {
        var one = new Fence(newKey(), 7);
        var other = new Fence(newKey(), 7);
        for (Fence fence : List.of(one, other)) {
            guard.adopt(new ClaimRequest(fence.key(), CONTENT, LEASE, TAKE_OVER), fence);
        }
        guard.forget(one);
        advance(KEEP);

        fenceOf(guard.claim(new ClaimRequest(newKey(), CONTENT, LEASE, TAKE_OVER)));
        assertThat(guard.size()).isEqualTo(1);
    }

    @Test
    void when_full_the_finished_record_nearest_its_end_goes_first() {
        guard = new InMemoryIdempotencyGuard(microClock::get, 3, ROOMY);
        Fence held = holdAnother(LEASE);
        guard.settle(hold(TAKE_OVER), new Settlement.Complete(RESULT, KEEP));
        Fence soonOver = holdAnother(LEASE);
        guard.settle(soonOver, new Settlement.Complete(RESULT, Duration.ofSeconds(1)));

        holdAnother(LEASE);

        assertThat(guard.size()).isEqualTo(3);
        assertThat(guard.evicted()).isEqualTo(1);
        assertThat(claim()).isEqualTo(new Claim.Completed(RESULT));
        assertThat(guard.heartbeat(held, LEASE)).isTrue();
        assertThat(guard.settle(soonOver, new Settlement.Complete(RESULT, KEEP)))
                .isFalse();
    }

    @Test
    void an_abandoned_claim_may_go_when_full_but_one_under_a_lease_never() {
        guard = new InMemoryIdempotencyGuard(microClock::get, 2, ROOMY);
        Fence abandoned = holdAnother(Duration.ofMillis(10));
        Fence held = holdAnother(LEASE);
        assertThatThrownBy(() -> holdAnother(LEASE))
                .isInstanceOf(SluiceException.class)
                .hasMessageContaining("2 claims");
        advance(Duration.ofMillis(10));

        holdAnother(LEASE);

        assertThat(guard.heartbeat(abandoned, LEASE)).isFalse();
        assertThat(guard.heartbeat(held, LEASE)).isTrue();
    }

    @Test
    void results_are_bounded_by_their_bytes() {
        guard = new InMemoryIdempotencyGuard(microClock::get, 1_000, 4L << 20);
        var large = new StoredResult(new byte[StoredResult.MAX_BYTES]);
        for (int i = 0; i < 10; i++) {
            guard.settle(holdAnother(LEASE), new Settlement.Complete(large, KEEP));
        }
        guard.settle(hold(TAKE_OVER), new Settlement.Complete(large, KEEP));

        assertThat(guard.size()).isEqualTo(3);
        assertThat(claim()).isEqualTo(new Claim.Completed(large));
    }

    @Test
    void a_claim_that_is_not_admitted_leaves_no_trace() {
        assertThat(guard.claimIf(request(TAKE_OVER), () -> false)).isEmpty();

        assertThat(guard.size()).isZero();
        assertThat(guard.claimIf(request(TAKE_OVER), () -> true)).get().isInstanceOf(Claim.New.class);
    }

    @Test
    void admission_is_asked_for_only_if_the_claim_would_be_new() {
        guard.settle(hold(TAKE_OVER), new Settlement.Complete(RESULT, KEEP));
        var asked = new AtomicBoolean();

        assertThat(guard.claimIf(request(TAKE_OVER), () -> asked.getAndSet(true)))
                .contains(new Claim.Completed(RESULT));

        assertThat(asked).isFalse();
    }

    @Test
    void a_full_guard_fails_before_admission_is_spent() {
        guard = new InMemoryIdempotencyGuard(microClock::get, 1, ROOMY);
        holdAnother(LEASE);
        var asked = new AtomicBoolean();

        assertThatThrownBy(() -> guard.claimIf(request(TAKE_OVER), () -> asked.getAndSet(true)))
                .isInstanceOf(SluiceException.class);

        assertThat(asked).isFalse();
    }
}
