package dev.sluice.broadcast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.queue.Ending;
import dev.sluice.queue.Leased;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Broadcasts that are paused, resumed and cancelled. */
abstract class BroadcastChangesContract extends BroadcastRefusalsContract {
    @Test
    void a_pause_takes_back_what_is_not_being_sent_and_a_resume_sends_it() {
        BroadcastId id = running(20);
        feed(id);
        Leased leased = claim(1).getFirst();

        assertThat(store.pause(id)).isEqualTo(BroadcastChange.DONE);
        assertThat(tend(id).unfed()).isEmpty();

        assertThat(claim(10)).isEmpty();
        assertThat(progress(id).waiting()).isEqualTo(19);
        assertThat(progress(id).queued()).isEqualTo(1);
        assertThat(store.feed(id, List.of(feeding(1)))).isEqualTo(new Fed(0, 0, false));
        settle(leased, new Ending.Sent(bytes("")));
        tend(id);
        assertThat(progress(id).count(RecipientOutcome.SENT)).isEqualTo(1);

        assertThat(store.resume(id)).isEqualTo(BroadcastChange.DONE);
        assertThat(drain(id)).hasSize(19).doesNotHaveDuplicates();
        assertThat(progress(id).count(RecipientOutcome.SENT)).isEqualTo(20);
    }

    @Test
    void a_cancel_takes_back_what_is_not_being_sent_and_ends_when_the_rest_has() {
        BroadcastId id = running(600);
        feed(id);
        Leased leased = claim(1).getFirst();

        assertThat(store.cancel(id)).isEqualTo(BroadcastChange.DONE);
        tend(id);

        assertThat(claim(10)).isEmpty();
        assertThat(progress(id).status()).isEqualTo(BroadcastStatus.CANCELLED);
        assertThat(progress(id).ended()).isEmpty();
        assertThat(progress(id).count(RecipientOutcome.CANCELLED)).isEqualTo(599);
        settle(leased, new Ending.Sent(bytes("")));
        tend(id);
        assertThat(progress(id).ended()).isPresent();
        assertThat(progress(id).status()).isEqualTo(BroadcastStatus.CANCELLED);
        assertThat(outcomes(id)).hasSize(600).containsOnlyOnce(RecipientOutcome.SENT);
        assertThat(outcomes(id).subList(500, 600)).containsOnly(RecipientOutcome.CANCELLED);
        assertThat(store.unfinished(BOT)).isEmpty();
    }

    @Test
    void a_change_that_is_so_already_is_done_and_one_that_comes_too_late_is_not_possible() {
        BroadcastId id = running(1);

        assertThat(store.resume(id)).isEqualTo(BroadcastChange.DONE);
        assertThat(store.pause(id)).isEqualTo(BroadcastChange.DONE);
        assertThat(store.pause(id)).isEqualTo(BroadcastChange.DONE);
        store.resume(id);
        drain(id);
        assertThat(store.pause(id)).isEqualTo(BroadcastChange.NOT_POSSIBLE);
        assertThat(store.cancel(id)).isEqualTo(BroadcastChange.NOT_POSSIBLE);

        BroadcastId cancelled = running(1);
        store.cancel(cancelled);
        assertThat(store.cancel(cancelled)).isEqualTo(BroadcastChange.DONE);
        assertThat(store.resume(cancelled)).isEqualTo(BroadcastChange.NOT_POSSIBLE);
        assertThat(store.cancel(new BroadcastId(BOT, 7))).isEqualTo(BroadcastChange.ABSENT);
        assertThat(store.tend(new BroadcastId(BOT, 7))).isEmpty();
        assertThat(store.outcomes(new BroadcastId(BOT, 7), 0, 1)).isEmpty();
    }
}
