package dev.sluice.broadcast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.queue.Ending;
import dev.sluice.queue.Leased;
import dev.sluice.queue.QueueSettings;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a broadcast does that Telegram refuses for everybody. */
abstract class BroadcastRefusalsContract extends BroadcastFixture {
    private static final Ending REFUSED = new Ending.Refused("refused-400");
    private static final Ending SENT = new Ending.Sent(bytes("result"));
    private static final int MOST = 5;

    private BroadcastId refusing(int recipients) {
        reopen(QueueSettings.DEFAULT, SETTINGS.withRefusals(MOST));
        BroadcastId id = running(recipients);
        feed(id);
        return id;
    }

    private void end(Ending... endings) {
        List<Leased> claimed = claim(endings.length);
        assertThat(claimed).hasSize(endings.length);
        for (int i = 0; i < endings.length; i++) {
            settle(claimed.get(i), endings[i]);
        }
    }

    @Test
    void refused_so_often_in_a_row_it_pauses_itself_and_takes_back_what_is_queued() {
        BroadcastId id = refusing(30);
        end(REFUSED, REFUSED, REFUSED, REFUSED);
        assertThat(tend(id).status()).isEqualTo(BroadcastStatus.RUNNING);
        assertThat(progress(id).pausedByRefusals()).isFalse();

        end(REFUSED);
        Tended tended = tend(id);

        assertThat(tended.status()).isEqualTo(BroadcastStatus.PAUSED);
        assertThat(tended.pausedItself()).isTrue();
        assertThat(tended.more()).as("there is something to take back").isTrue();
        assertThat(tended.unfed()).isEmpty();
        Tended again = tend(id);
        assertThat(again.pausedItself()).as("only once").isFalse();
        assertThat(claim(1)).isEmpty();
        assertThat(progress(id))
                .returns(true, Progress::pausedByRefusals)
                .returns(25, Progress::waiting)
                .returns(0, Progress::queued)
                .returns(0.0, Progress::rate);
        assertThat(queue.statistics(BOT).dead()).isEqualTo(MOST);
    }

    @Test
    void one_that_is_sent_in_between_shows_that_not_everybody_is_refused() {
        BroadcastId id = refusing(30);
        end(REFUSED, REFUSED, REFUSED, REFUSED, SENT, REFUSED, REFUSED, REFUSED, REFUSED);

        assertThat(tend(id).status()).isEqualTo(BroadcastStatus.RUNNING);

        end(REFUSED);
        assertThat(tend(id).status()).isEqualTo(BroadcastStatus.PAUSED);
    }

    @Test
    void what_says_nothing_of_the_template_neither_counts_nor_ends_the_row() {
        BroadcastId id = refusing(30);
        end(REFUSED, REFUSED, new Ending.Suppressed("blocked"), new Ending.Unanswered("timeout"), REFUSED, REFUSED);
        assertThat(tend(id).status()).isEqualTo(BroadcastStatus.RUNNING);

        end(REFUSED);
        assertThat(tend(id).status()).isEqualTo(BroadcastStatus.PAUSED);
    }

    @Test
    void resumed_it_goes_on_where_it_was_and_counts_anew() {
        BroadcastId id = refusing(12);
        end(REFUSED, REFUSED, REFUSED, REFUSED, REFUSED);
        tend(id);
        tend(id);

        assertThat(store.resume(id)).isEqualTo(BroadcastChange.DONE);
        assertThat(progress(id).pausedByRefusals()).isFalse();
        feed(id);
        end(REFUSED, REFUSED, REFUSED, REFUSED);
        assertThat(tend(id).status()).isEqualTo(BroadcastStatus.RUNNING);

        assertThat(drain(id)).hasSize(3);
        assertThat(progress(id))
                .returns(BroadcastStatus.DONE, Progress::status)
                .returns(9, now -> now.count(RecipientOutcome.REFUSED))
                .returns(3, now -> now.count(RecipientOutcome.SENT));
    }

    @Test
    void what_is_being_sent_while_it_pauses_itself_comes_to_its_end() {
        BroadcastId id = refusing(12);
        Leased underWay = claim(1).getFirst();
        end(REFUSED, REFUSED, REFUSED, REFUSED, REFUSED);
        tend(id);
        tend(id);
        assertThat(progress(id).queued()).isEqualTo(1);

        settle(underWay, SENT);
        tend(id);

        assertThat(progress(id))
                .returns(BroadcastStatus.PAUSED, Progress::status)
                .returns(true, Progress::pausedByRefusals)
                .returns(1, now -> now.count(RecipientOutcome.SENT))
                .returns(6, Progress::waiting);
        assertThat(store.cancel(id)).isEqualTo(BroadcastChange.DONE);
        tend(id);
        assertThat(progress(id))
                .returns(BroadcastStatus.CANCELLED, Progress::status)
                .returns(false, Progress::pausedByRefusals)
                .returns(0, Progress::pending);
    }

    @Test
    void one_of_which_nothing_is_left_is_done_and_not_paused() {
        BroadcastId id = refusing(MOST);
        end(REFUSED, REFUSED, REFUSED, REFUSED, REFUSED);

        Tended tended = tend(id);

        assertThat(tended.status()).isEqualTo(BroadcastStatus.DONE);
        assertThat(tended.pausedItself()).isFalse();
        assertThat(progress(id).pausedByRefusals()).isFalse();
    }

    @Test
    void no_refusal_at_all_is_no_bound() {
        assertThatThrownBy(() -> SETTINGS.withRefusals(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 refusal or more, not 0");
    }
}
