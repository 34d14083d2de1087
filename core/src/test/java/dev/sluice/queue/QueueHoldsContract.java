package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Decision;
import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What holds messages back on every queue, and how it is shown and changed: limits, pauses, other priorities. */
abstract class QueueHoldsContract extends QueueJointContract {
    private static final Limit ONE_A_SECOND = Limit.atMost(1, SECOND);

    private static TelegramLimits limits(Limit bot, Limit chat) {
        return new TelegramLimits(bot, NO_LIMITS.paid(), chat, NO_LIMITS.group(), Optional.empty());
    }

    @Test
    void a_chat_that_is_full_waits_and_the_others_go_on() {
        limits = limits(NO_LIMITS.bot(), ONE_A_SECOND);
        add(ANN, "ann 1");
        MessageId second = add(ANN, "ann 2");
        add(BOB, "bob");
        assertThat(drain()).containsExactlyInAnyOrder("ann 1", "bob");
        assertThat(wakeUp()).contains(SECOND);
        assertThat(hold(second)).isEqualTo(new Why.Hold.Limited("chat", Decision.Cause.LIMIT, SECOND));

        clock.advance(SECOND.minusMillis(1));
        assertThat(claim(1)).isEmpty();
        clock.advance(Duration.ofMillis(1));

        assertThat(drain()).containsExactly("ann 2");
    }

    @Test
    void a_bot_that_is_full_holds_everybody_and_names_its_time() {
        limits = limits(Limit.atMost(2, SECOND), NO_LIMITS.chat());
        add(ANN, "a");
        add(BOB, "b");
        MessageId third = add(CAT, "c");

        assertThat(claim(10)).hasSize(2);
        assertThat(wakeUp()).contains(SECOND);
        assertThat(hold(third)).isEqualTo(new Why.Hold.Limited("bot", Decision.Cause.LIMIT, SECOND));
        clock.advance(SECOND);
        assertThat(texts(claim(10))).containsExactly("c");
    }

    @Test
    void the_paid_lane_goes_on_while_the_bot_is_full_and_the_other_way_round() {
        limits = new TelegramLimits(
                ONE_A_SECOND, Limit.atMost(2, SECOND), NO_LIMITS.chat(), NO_LIMITS.group(), Optional.empty());
        add(ANN, "free 1");
        add(BOB, "free 2");
        add(message(CAT, "paid 1").inPaidLane());
        add(message(GROUP, "paid 2").inPaidLane());
        MessageId third = add(message(ChatId.of(9), "paid 3").inPaidLane());

        assertThat(texts(claim(10))).containsExactlyInAnyOrder("free 1", "paid 1", "paid 2");
        assertThat(hold(third)).isEqualTo(new Why.Hold.Limited("paid", Decision.Cause.LIMIT, SECOND));
    }

    @Test
    void groups_have_a_limit_of_their_own_and_costs_count() {
        limits = new TelegramLimits(
                NO_LIMITS.bot(), NO_LIMITS.paid(), NO_LIMITS.chat(), Limit.atMost(4, SECOND), Optional.empty());
        add(message(GROUP, "album").costing(3));
        add(message(GROUP, "too much").costing(2));
        add(message(ANN, "private").costing(30));

        assertThat(drain()).containsExactlyInAnyOrder("album", "private");
        clock.advance(SECOND);
        assertThat(drain()).containsExactly("too much");
    }

    @Test
    void vips_pass_the_limit_per_user_and_no_other() {
        limits = new TelegramLimits(
                NO_LIMITS.bot(),
                NO_LIMITS.paid(),
                Limit.atMost(3, SECOND),
                NO_LIMITS.group(),
                Optional.of(Limit.atMost(1, Duration.ofMinutes(1))));
        add(ANN, "ann 1");
        add(ANN, "ann 2");
        for (int i = 0; i < 5; i++) {
            add(message(BOB, "vip").asVip());
        }

        assertThat(drain()).containsExactlyInAnyOrder("ann 1", "vip", "vip", "vip");
        clock.advance(SECOND);
        assertThat(drain()).containsExactly("vip", "vip");
        clock.advance(Duration.ofSeconds(59));
        assertThat(drain()).containsExactly("ann 2");
    }

    @Test
    void changed_limits_hold_at_once() {
        limits = limits(NO_LIMITS.bot(), Limit.atMost(1, Duration.ofMinutes(1)));
        add(ANN, "1");
        add(ANN, "2");
        assertThat(drain()).containsExactly("1");
        limits = limits(NO_LIMITS.bot(), Limit.atMost(2, Duration.ofMinutes(1)));
        add(message(ANN, "wakes its chat").asVip());

        assertThat(drain()).containsExactly("wakes its chat");
    }

    @Test
    void a_vip_wakes_a_chat_that_waits_for_what_costs_more() {
        limits = limits(NO_LIMITS.bot(), Limit.atMost(3, SECOND));
        add(ANN, "text");
        add(message(ANN, "album").costing(3));
        assertThat(drain()).containsExactly("text");

        add(message(ANN, "vip").asVip());

        assertThat(drain()).containsExactly("vip");
    }

    @Test
    void what_was_claimed_before_counts_for_what_is_claimed_later() {
        limits = limits(Limit.atMost(5, SECOND), NO_LIMITS.chat());
        for (int i = 0; i < 20; i++) {
            add(ChatId.of(100 + i), "m");
        }
        assertThat(claim(2)).hasSize(2);
        clock.advance(Duration.ofMillis(500));
        assertThat(claim(10)).hasSize(3);
        clock.advance(Duration.ofMillis(500));
        assertThat(claim(10)).hasSize(2);
        clock.advance(Duration.ofMillis(500));
        assertThat(claim(10)).hasSize(3);
    }

    // Pauses, why, statistics

    @Test
    void a_paused_chat_bot_or_priority_is_not_claimed_until_it_is_resumed() {
        for (PauseScope scope : List.of(
                new PauseScope.WholeBot(), new PauseScope.OneChat(ANN), new PauseScope.OnePriority(Priority.NORMAL))) {
            queue.pause(BOT, scope);
            MessageId id = add(ANN, "a");
            assertThat(claim(1)).as("%s", scope).isEmpty();
            assertThat(hold(id)).isEqualTo(new Why.Hold.Paused(scope));
            queue.pause(BOT, scope);

            queue.resume(BOT, scope);

            assertThat(drain()).as("%s", scope).containsExactly("a");
            queue.resume(BOT, scope);
        }
    }

    @Test
    void a_pause_holds_what_comes_back_and_a_resume_does_not_wake_what_is_in_flight_or_waits() {
        var ann = new PauseScope.OneChat(ANN);
        add(ANN, "1");
        Leased first = claimOne();
        queue.pause(BOT, ann);
        queue.resume(BOT, ann);
        add(ANN, "2");
        assertThat(claim(1)).isEmpty();
        queue.pause(BOT, ann);
        settle(first, new Ending.Retry("unreachable"));
        clock.advance(SECOND);
        assertThat(claim(1)).isEmpty();

        queue.resume(BOT, ann);

        assertThat(drain()).containsExactly("1", "2");
    }

    @Test
    void a_pause_that_ends_within_a_backoff_does_not_shorten_it() {
        add(ANN, "1");
        settle(claimOne(), new Ending.Retry("unreachable"));
        queue.pause(BOT, new PauseScope.OneChat(ANN));
        queue.resume(BOT, new PauseScope.OneChat(ANN));

        assertThat(claim(1)).isEmpty();
        assertThat(wakeUp()).contains(SECOND);
    }

    @Test
    void a_paused_priority_does_not_hold_the_others_nor_vips() {
        queue.pause(BOT, new PauseScope.OnePriority(Priority.HIGH));
        add(message(ANN, "high").withPriority(Priority.HIGH));
        add(message(BOB, "vip").asVip());
        add(CAT, "normal");

        assertThat(drain()).containsExactly("vip", "normal");
        assertThat(statistics().pausedPriorities()).containsExactly(Priority.HIGH);
    }

    @Test
    void why_names_who_is_ahead_and_what_holds_them() {
        add(ANN, "1");
        MessageId second = add(ANN, "2");
        MessageId third = add(ANN, "3");
        assertThat(queue.why(third))
                .contains(new Why(MessageState.QUEUED, new Why.Hold.Behind(new Why.Hold.Nothing()), 2));
        Leased first = claimOne();
        assertThat(queue.why(first.id())).contains(new Why(MessageState.LEASED, new Why.Hold.InFlight(LEASE), 0));
        assertThat(hold(second)).isEqualTo(new Why.Hold.Behind(new Why.Hold.InFlight(LEASE)));

        settle(first, new Ending.Retry("unreachable"));
        assertThat(queue.why(first.id())).contains(new Why(MessageState.RETRYING, new Why.Hold.Backoff(SECOND), 0));
        clock.advance(SECOND);
        sent(claimOne());
        assertThat(queue.why(first.id())).contains(new Why(MessageState.SENT, new Why.Hold.Ended(), 0));
    }

    @Test
    void statistics_count_every_state() {
        reopen(SETTINGS.withBound(100));
        add(message(ANN, "retrying").withPriority(Priority.HIGH));
        settle(claimOne(), new Ending.Retry("unreachable"));
        add(message(BOB, "leased").asVip());
        claimOne();
        add(CAT, "normal");
        MessageId cancelled = add(message(CAT, "low").withPriority(Priority.LOW));
        queue.cancel(cancelled);
        add(message(CAT, "delayed").notBefore(SECOND));
        queue.pause(BOT, new PauseScope.OneChat(GROUP));

        QueueStatistics now = statistics();

        assertThat(now.accepted()).isEqualTo(5);
        assertThat(now.vip()).isEqualTo(1);
        assertThat(now.depth()).isEqualTo(Map.of(Priority.HIGH, 1L, Priority.NORMAL, 1L, Priority.LOW, 0L));
        assertThat(now.leased()).isEqualTo(1);
        assertThat(now.retryingInAll()).isEqualTo(1);
        assertThat(now.delayed()).isEqualTo(1);
        assertThat(now.pending()).isEqualTo(4);
        assertThat(now.failed()).containsEntry(FailureClass.CANCELLED, 1L).hasSize(FailureClass.values().length);
        assertThat(now.pausedChats()).isEqualTo(1);
        assertThat(now.bound()).isEqualTo(100);
    }

    // Changes

    @Test
    void a_message_is_cancelled_only_before_it_is_dispatched() {
        MessageId head = add(ANN, "1");
        MessageId second = add(ANN, "2");
        MessageId delayed = add(message(BOB, "delayed").notBefore(SECOND));

        assertThat(queue.cancel(head)).isEqualTo(Change.DONE);
        assertThat(queue.cancel(delayed)).isEqualTo(Change.DONE);
        assertThat(queue.cancel(head)).isEqualTo(Change.NOT_POSSIBLE);
        assertThat(queue.cancel(new MessageId(BOT, 5))).isEqualTo(Change.ABSENT);
        Leased leased = claimOne();
        assertThat(leased.id()).isEqualTo(second);
        assertThat(queue.cancel(second)).isEqualTo(Change.IN_FLIGHT);
        assertThat(find(head).failure()).contains(FailureClass.CANCELLED);
        assertThat(statistics().failed()).containsEntry(FailureClass.CANCELLED, 2L);
    }

    @Test
    void cancelling_what_holds_a_lane_lets_the_next_one_go() {
        add(ANN, "1");
        Leased first = claimOne();
        settle(first, new Ending.Retry("unreachable"));
        add(ANN, "2");
        assertThat(claim(1)).isEmpty();

        queue.cancel(first.id());

        assertThat(drain()).containsExactly("2");
        assertThat(statistics().retryingInAll()).isZero();
    }

    @Test
    void a_message_gets_another_priority_at_its_place_by_acceptance() {
        MessageId first = add(ANN, "1");
        add(message(ANN, "2").withPriority(Priority.HIGH));
        MessageId vip = add(message(ANN, "3").asVip());
        MessageId delayed = add(message(ANN, "4").notBefore(SECOND));

        assertThat(queue.reprioritise(first, Priority.HIGH)).isEqualTo(Change.DONE);
        assertThat(queue.reprioritise(vip, Priority.LOW)).isEqualTo(Change.DONE);
        assertThat(queue.reprioritise(delayed, Priority.HIGH)).isEqualTo(Change.DONE);
        clock.advance(SECOND);

        assertThat(drain()).containsExactly("1", "2", "4", "3");
        assertThat(queue.reprioritise(first, Priority.LOW)).isEqualTo(Change.NOT_POSSIBLE);
    }

    @Test
    void another_priority_moves_a_chat_among_the_others() {
        for (int i = 0; i < 30; i++) {
            add(message(ChatId.of(100 + i), "high").withPriority(Priority.HIGH));
        }
        MessageId low = add(message(ANN, "low").withPriority(Priority.LOW));
        claim(1);

        queue.reprioritise(low, Priority.HIGH);

        assertThat(statistics().depth()).containsEntry(Priority.LOW, 0L);
        assertThat(claim(30)).hasSize(30);
    }

    @Test
    void a_message_in_backoff_keeps_it_when_it_gets_another_priority() {
        MessageId id = add(ANN, "1");
        settle(claimOne(), new Ending.Retry("unreachable"));
        queue.reprioritise(id, Priority.LOW);
        assertThat(claim(1)).isEmpty();
        clock.advance(SECOND);

        assertThat(claimOne().priority()).isEqualTo(Priority.LOW);
    }
}
