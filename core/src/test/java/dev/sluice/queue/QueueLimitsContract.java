package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Decision;
import dev.sluice.limit.Limit;
import dev.sluice.limit.SendLane;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Limits that change while messages wait, hold none, or count replies apart. */
abstract class QueueLimitsContract extends QueueHoldsContract {
    private static final Limit ONE_AN_HOUR = Limit.atMost(1, Duration.ofHours(1));

    private static TelegramLimits chats(Limit chat) {
        return new TelegramLimits(NO_LIMITS.bot(), NO_LIMITS.paid(), chat, NO_LIMITS.group(), Optional.empty());
    }

    private static TelegramLimits bots(Limit bot) {
        return new TelegramLimits(bot, NO_LIMITS.paid(), NO_LIMITS.chat(), NO_LIMITS.group(), Optional.empty());
    }

    @Test
    void what_waits_by_an_old_limit_is_judged_by_the_new_one_when_told_so() {
        limits = chats(ONE_AN_HOUR);
        for (ChatId chat : List.of(ANN, BOB, CAT)) {
            add(chat, "first");
            add(chat, "second");
        }
        assertThat(drain()).containsExactly("first", "first", "first");
        assertThat(claim(10)).isEmpty();

        limits = chats(Limit.atMost(2, Duration.ofHours(1)));
        assertThat(claim(10)).isEmpty();
        queue.limitsChanged(BOT);
        assertThat(drain()).containsExactly("second", "second", "second");
    }

    @Test
    void more_chats_than_one_step_looks_at_are_judged_anew() {
        limits = chats(ONE_AN_HOUR);
        for (int chat = 1; chat <= 450; chat++) {
            add(ChatId.of(chat), "first");
            add(ChatId.of(chat), "second");
        }
        assertThat(drain()).hasSize(450);
        assertThat(drain()).isEmpty();

        limits = NO_LIMITS;
        queue.limitsChanged(BOT);
        assertThat(drain()).hasSize(450).containsOnly("second");
    }

    @Test
    void what_waits_for_another_attempt_or_is_parked_goes_on_waiting() {
        limits = chats(ONE_AN_HOUR);
        add(ANN, "again");
        add(BOB, "parked");
        for (Leased leased : claim(10)) {
            Ending ending = text(leased).equals("again")
                    ? new Ending.Retry("unreachable")
                    : new Ending.Flooded(Duration.ofSeconds(30));
            queue.settle(BOT, List.of(leased.ends(ending)));
        }

        limits = NO_LIMITS;
        queue.limitsChanged(BOT);
        assertThat(claim(10)).isEmpty();
        clock.advance(SECOND);
        assertThat(texts(claim(10))).containsExactly("again");
        clock.advance(Duration.ofSeconds(29));
        assertThat(texts(claim(10))).containsExactly("parked");
    }

    @Test
    void a_lowered_limit_holds_at_once_for_what_was_charged() {
        limits = chats(Limit.atMost(3, Duration.ofHours(1)));
        for (int i = 0; i < 3; i++) {
            add(ANN, "text " + i);
        }
        assertThat(texts(claim(10))).containsExactly("text 0");
        limits = chats(ONE_AN_HOUR);
        queue.limitsChanged(BOT);
        assertThat(drain()).isEmpty();
    }

    @Test
    void in_shadow_mode_everything_passes_uncharged_and_is_counted_by_scope() {
        limits = chats(ONE_AN_HOUR).inShadow(true);
        add(ANN, "charged");
        add(ANN, "shadowed");
        Claims first = queue.claim(BOT, 10);
        assertThat(first.shadowDenied()).isEmpty();
        first.messages().forEach(leased -> queue.settle(BOT, List.of(leased.ends(new Ending.Sent(new byte[0])))));
        MessageId second = add(BOB, "other");
        assertThat(hold(second)).isEqualTo(new Why.Hold.Nothing());

        Claims then = queue.claim(BOT, 10);
        assertThat(texts(then.messages())).containsExactlyInAnyOrder("shadowed", "other");
        assertThat(then.shadowDenied()).containsExactly("chat");
    }

    @Test
    void replies_that_are_limited_apart_pass_a_bot_that_is_full_and_the_other_way_round() {
        limits = bots(ONE_AN_HOUR).withReplies(Optional.of(Limit.atMost(2, Duration.ofHours(1))));
        add(ANN, "message 1");
        add(BOB, "message 2");
        for (int chat = 11; chat <= 13; chat++) {
            add(message(ChatId.of(chat), "reply").in(SendLane.REPLIES));
        }
        MessageId last = add(message(ChatId.of(14), "reply").in(SendLane.REPLIES));

        assertThat(texts(claim(10))).containsExactlyInAnyOrder("message 1", "reply", "reply");
        assertThat(hold(last)).isEqualTo(new Why.Hold.Limited("replies", Decision.Cause.LIMIT, Duration.ofHours(1)));
    }

    @Test
    void replies_without_a_limit_of_their_own_are_messages_like_others() {
        limits = bots(Limit.atMost(2, Duration.ofHours(1)));
        add(ANN, "message 1");
        MessageId reply = add(message(BOB, "reply 1").in(SendLane.REPLIES));
        add(CAT, "message 2");

        assertThat(claim(10)).hasSize(2);
        limits = bots(Limit.atMost(2, Duration.ofHours(1))).withReplies(Optional.of(ONE_AN_HOUR));
        queue.limitsChanged(BOT);
        assertThat(drain()).hasSizeLessThanOrEqualTo(1);
        assertThat(queue.find(reply)).isPresent();
    }

    @Test
    void several_floods_of_replies_park_replies_and_nothing_else_of_the_bot() {
        limits = NO_LIMITS.withReplies(Optional.of(Limit.atMost(100, SECOND)));
        for (int chat = 11; chat <= 13; chat++) {
            add(message(ChatId.of(chat), "reply").in(SendLane.REPLIES));
        }
        for (Leased leased : claim(10)) {
            queue.settle(BOT, List.of(leased.ends(new Ending.Flooded(Duration.ofSeconds(30)))));
        }
        MessageId reply = add(message(ChatId.of(14), "reply").in(SendLane.REPLIES));
        add(ANN, "message");

        assertThat(texts(claim(10))).containsExactly("message");
        assertThat(hold(reply)).isEqualTo(new Why.Hold.Limited("replies", Decision.Cause.PARK, Duration.ofSeconds(30)));
    }
}
