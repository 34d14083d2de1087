package dev.sluice.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every backend must do for those who claim at once and those who wait. */
abstract class TwinContract extends GuardFixture {
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

        assertThat(atOnce(64, this::claim))
                .filteredOn(Claim.New.class::isInstance)
                .hasSize(1);
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
        var request = new ClaimRequest(key, CONTENT, Duration.ofHours(1), TAKE_OVER);
        Fence fence = fenceOf(guard().claim(request));
        var waiting = new ArrayList<Twin>();
        for (int i = 0; i < 50; i++) {
            waiting.add(new Twin(() -> guard().claim(request, Duration.ofMinutes(1))));
        }
        waiting.forEach(Twin::awaitBlocked);

        guard().settle(fence, new Settlement.Complete(RESULT, KEEP));

        for (Twin twin : waiting) {
            assertThat(twin.outcome()).isEqualTo(new Claim.Completed(RESULT));
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
}
