package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What happens to leases on every queue: workers that die, are late, or need longer. */
abstract class QueueLeasesContract extends QueueConcurrencyContract {
    private static final Ending.Retry RETRY = new Ending.Retry("unreachable");

    @Test
    void a_worker_that_died_leaves_its_message_unknown() {
        MessageId id = add(ANN, "1");
        add(ANN, "2");
        claimOne();
        clock.advance(LEASE.minusMillis(1));
        assertThat(claim(10)).isEmpty();
        clock.advance(Duration.ofMillis(1));

        assertThat(texts(claim(10))).containsExactly("2");

        assertThat(state(id)).isEqualTo(MessageState.UNKNOWN);
        assertThat(find(id).failedAttempts()).extracting(Attempt::reason).containsExactly(Attempt.LEASE_LOST);
    }

    @Test
    void under_at_least_once_it_goes_back_to_its_place_and_the_attempt_counts() {
        MessageId id = add(message(ANN, "1").atLeastOnce());
        add(ANN, "2");
        claimOne();
        clock.advance(LEASE);

        Leased again = claimOne();

        assertThat(again.id()).isEqualTo(id);
        assertThat(again.attempt()).isEqualTo(2);
    }

    @Test
    void a_message_that_kills_its_workers_does_not_do_so_for_ever() {
        MessageId id = add(message(ANN, "poison").atLeastOnce());
        int claimed = 0;
        while (claimed < 10 && !claim(1).isEmpty()) {
            claimed++;
            clock.advance(LEASE);
        }

        assertThat(claimed).isEqualTo(4);
        assertThat(state(id)).isEqualTo(MessageState.UNKNOWN);
    }

    @Test
    void a_late_worker_is_believed_as_long_as_nobody_else_had_the_message() {
        add(ANN, "1");
        Leased first = claimOne();
        add(message(BOB, "2").atLeastOnce());
        Leased second = claimOne();
        clock.advance(LEASE);
        assertThat(queue.statistics(BOT).leased()).isEqualTo(2);
        queue.pause(BOT, new PauseScope.WholeBot());
        claim(1);
        queue.resume(BOT, new PauseScope.WholeBot());
        assertThat(state(first.id())).isEqualTo(MessageState.UNKNOWN);
        assertThat(state(second.id())).isEqualTo(MessageState.QUEUED);

        assertThat(sent(first)).contains(MessageState.SENT);
        assertThat(sent(second)).contains(MessageState.SENT);

        assertThat(claim(10)).isEmpty();
        assertThat(statistics().sent()).isEqualTo(2);
        assertThat(statistics().unknown()).isZero();
    }

    @Test
    void a_late_worker_may_also_say_that_nothing_was_sent() {
        MessageId id = add(ANN, "1");
        Leased late = claimOne();
        clock.advance(LEASE);
        claim(1);

        assertThat(settle(late, new Ending.NotSent())).contains(MessageState.QUEUED);

        Leased again = claimOne();
        assertThat(again.id()).isEqualTo(id);
        assertThat(again.attempt()).isEqualTo(1);
    }

    @Test
    void a_late_worker_is_not_heard_once_the_message_has_passed_on() {
        add(message(ANN, "1").atLeastOnce());
        Leased late = claimOne();
        clock.advance(LEASE);
        Leased next = claimOne();

        assertThat(sent(late)).isEmpty();
        assertThat(queue.extend(BOT, List.of(late.lease()), LEASE)).containsExactly(false);
        assertThat(sent(next)).contains(MessageState.SENT);
    }

    @Test
    void a_late_retry_counts_once() {
        add(message(ANN, "1").atLeastOnce());
        Leased late = claimOne();
        clock.advance(LEASE);
        queue.pause(BOT, new PauseScope.WholeBot());
        claim(1);
        queue.resume(BOT, new PauseScope.WholeBot());

        assertThat(settle(late, RETRY)).contains(MessageState.QUEUED);

        assertThat(claimOne().attempt()).isEqualTo(2);
    }

    @Test
    void a_lease_that_is_extended_lasts_longer() {
        add(ANN, "1");
        Leased leased = claimOne();
        for (int i = 0; i < 3; i++) {
            clock.advance(LEASE.minusSeconds(1));
            assertThat(claim(1)).isEmpty();
            assertThat(queue.extend(BOT, List.of(leased.lease()), LEASE)).containsExactly(true);
        }
        assertThat(wakeUp()).contains(LEASE);

        assertThat(sent(leased)).contains(MessageState.SENT);
        assertThat(queue.extend(BOT, List.of(leased.lease()), LEASE)).containsExactly(false);
    }

    @Test
    void a_lease_that_ran_out_may_be_extended_until_somebody_notices() {
        add(ANN, "1");
        Leased leased = claimOne();
        clock.advance(LEASE.plusSeconds(1));

        assertThat(queue.extend(BOT, List.of(leased.lease()), LEASE)).containsExactly(true);

        assertThat(claim(1)).isEmpty();
        assertThat(sent(leased)).contains(MessageState.SENT);
    }

    @Test
    void fences_ascend() {
        var fences = new ArrayList<Long>();
        for (int i = 0; i < 5; i++) {
            add(ChatId.of(i + 1), "a");
        }
        claim(3).forEach(leased -> fences.add(leased.lease().fence()));
        claim(2).forEach(leased -> fences.add(leased.lease().fence()));

        assertThat(fences).isSorted().doesNotHaveDuplicates();
    }
}
