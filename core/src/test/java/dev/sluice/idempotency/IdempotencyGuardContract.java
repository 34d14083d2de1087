package dev.sluice.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.idempotency.ClaimRequest.Abandoned;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every backend of the guard must do. A backend joins by naming its guard and how its clock is moved. */
abstract class IdempotencyGuardContract extends TwinContract {
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
    void a_result_to_hand_over_may_be_released_until_a_twin_has_it() {
        Fence fence = hold(TAKE_OVER);
        guard().settle(fence, new Settlement.HandOver(RESULT, KEEP));

        assertThat(guard().settle(fence, new Settlement.Release())).isTrue();
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
        Fence dead = hold(TAKE_OVER);
        advance(Duration.ofSeconds(-60));
        assertThat(guard().heartbeat(dead, LEASE)).isTrue();
        advance(LEASE);

        assertThat(fenceOf(claim()).number()).isGreaterThan(dead.number());
    }

    @Test
    void a_holder_that_was_taken_over_can_neither_settle_nor_renew() {
        Fence late = hold(TAKE_OVER);
        advance(LEASE);
        Fence successor = fenceOf(claim());

        assertThat(guard().settle(late, new Settlement.Complete(result("late"), KEEP)))
                .isFalse();
        assertThat(guard().settle(late, new Settlement.Release())).isFalse();
        assertThat(guard().heartbeat(late, Duration.ofMinutes(10))).isFalse();
        assertThat(claim()).isEqualTo(new Claim.Processing(LEASE));
        assertThat(guard().settle(successor, new Settlement.Complete(RESULT, KEEP)))
                .isTrue();
        assertThat(guard().settle(late, new Settlement.Fail(result("late"), KEEP)))
                .isFalse();
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
    void a_late_holder_that_says_unknown_as_well_repeats_what_its_claim_has_become() {
        Fence late = hold(BECOMES_UNKNOWN);
        advance(LEASE);
        assertThat(claim()).isEqualTo(new Claim.Unknown());
        assertThat(guard().settle(late, new Settlement.MarkUnknown(KEEP))).isTrue();
        assertThat(guard().settle(late, new Settlement.Complete(RESULT, KEEP))).isFalse();
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
        assertThat(guard().settle(fence, new Settlement.Complete(result("other"), KEEP)))
                .isFalse();
        if (!(settlement instanceof Settlement.HandOver)) {
            assertThat(guard().settle(fence, new Settlement.Release())).isFalse();
        }
        assertThat(claim()).isEqualTo(Ending.of(settlement).answer());
    }

    @Test
    void spans_out_of_bounds_are_refused() {
        Fence fence = hold(TAKE_OVER);

        assertThatThrownBy(() -> guard().heartbeat(fence, Duration.ofHours(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10 ms to 1 h");
        assertThatThrownBy(() -> new Settlement.Complete(RESULT, Duration.ZERO))
                .hasMessageContaining("1 ms to 31 days");
        assertThatThrownBy(() -> new Abandoned.BecomesUnknown(Duration.ofDays(32)))
                .hasMessageContaining("1 ms to 31 days");
    }

    @Test
    void a_claim_is_withdrawn_by_its_holder_alone_and_only_until_it_is_settled() {
        ClaimRequest mine = request(BECOMES_UNKNOWN);
        fenceOf(guard().claim(mine));

        assertThat(guard().withdraw(mine.byNewHolder())).isFalse();
        assertThat(guard().withdraw(mine)).isTrue();
        assertThat(guard().withdraw(mine)).isFalse();
        Fence fence = fenceOf(guard().claim(mine));
        guard().settle(fence, new Settlement.MarkUnknown(KEEP));
        assertThat(guard().withdraw(mine)).isFalse();
        assertThat(claim()).isEqualTo(new Claim.Unknown());
    }

    @Test
    void an_abandoned_claim_can_be_withdrawn_also_after_somebody_was_told_that_it_is_unknown() {
        ClaimRequest mine = request(BECOMES_UNKNOWN);
        fenceOf(guard().claim(mine));
        advance(LEASE);
        assertThat(claim()).isEqualTo(new Claim.Unknown());

        assertThat(guard().withdraw(mine)).isTrue();
        fenceOf(claim());
    }

    @Test
    void a_look_tells_what_a_claim_would_and_changes_nothing() {
        assertThat(guard().look(key)).isEmpty();
        Fence fence = hold(TAKE_OVER);
        advance(Duration.ofSeconds(2));
        assertThat(guard().look(key)).contains(new Claim.Processing(Duration.ofSeconds(3)));
        advance(Duration.ofSeconds(3));
        assertThat(guard().look(key)).as("may be taken over").isEmpty();
        assertThat(guard().settle(fence, new Settlement.Fail(RESULT, KEEP))).isTrue();
        assertThat(guard().look(key)).contains(new Claim.Failed(RESULT));
        advance(KEEP);
        assertThat(guard().look(key)).isEmpty();

        assertThat(guard().look(fence)).isEmpty();

        Fence second = hold(BECOMES_UNKNOWN);
        assertThat(guard().look(second)).contains(new Claim.Processing(LEASE));
        assertThat(guard().look(fence)).as("another came").isEmpty();
        advance(LEASE);
        assertThat(guard().look(key)).contains(new Claim.Unknown());
        assertThat(guard().settle(second, new Settlement.HandOver(RESULT, KEEP)))
                .as("nobody was told")
                .isTrue();
        assertThat(guard().look(key)).contains(new Claim.Completed(RESULT));
        assertThat(guard().look(key)).as("it is still there").contains(new Claim.Completed(RESULT));
        assertThat(claim()).isEqualTo(new Claim.Completed(RESULT));
        assertThat(guard().look(key)).isEmpty();
    }
}
