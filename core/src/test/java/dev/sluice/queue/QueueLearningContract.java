package dev.sluice.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Decision;
import dev.sluice.limit.Learning;
import dev.sluice.limit.Limit;
import dev.sluice.limit.SendLane;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a message's 429 teaches, and of which bucket: all the ways by which a queue picks it. */
abstract class QueueLearningContract extends QueueLimitsContract {
    private static final TelegramLimits LIMITS = new TelegramLimits(
            Limit.atMost(30, SECOND),
            Limit.atMost(50, SECOND),
            Limit.atMost(1, SECOND),
            Limit.atMost(20, Duration.ofMinutes(1)),
            Optional.empty(),
            Optional.of(Limit.atMost(40, SECOND)),
            false);

    private final List<String> lowered = new ArrayList<>();
    private int chats = 1_000;

    private void learning(TelegramLimits by) {
        limits = by;
        reopen(SETTINGS.withLearning(Learning.ON.heardBy(lowered::add)));
    }

    /** Three chats at once are told so, and the park is over. */
    private void flooded(SendLane lane) {
        for (int i = 0; i < 3; i++) {
            add(message(ChatId.of(++chats), "told").in(lane));
        }
        List<Leased> claimed = claim(10);
        assertThat(claimed).hasSize(3);
        for (Leased leased : claimed) {
            settle(leased, new Ending.Flooded(SECOND));
        }
        clock.advance(SECOND);
        assertThat(drain()).hasSize(2); // one early, as ever
        clock.advance(SECOND);
        assertThat(drain()).hasSize(1);
        clock.advance(SECOND);
    }

    /** How long the third of three chats waits for its turn, and for what. */
    private Why.Hold third(SendLane lane) {
        MessageId last = add(message(ChatId.of(++chats), "1").in(lane));
        for (int i = 2; i <= 3; i++) {
            last = add(message(ChatId.of(++chats), "" + i).in(lane));
        }
        drain();
        Why.Hold hold = hold(last);
        clock.advance(SECOND);
        drain();
        clock.advance(SECOND);
        return hold;
    }

    private static void isLearned(Why.Hold hold, String scope) {
        assertThat(hold).isInstanceOfSatisfying(Why.Hold.Limited.class, limited -> {
            assertThat(limited.scope()).isEqualTo(scope);
            assertThat(limited.cause()).isEqualTo(Decision.Cause.LEARNED);
            assertThat(limited.remaining()).isBetween(Duration.ofMillis(1), Duration.ofMillis(100));
        });
    }

    private static void isFree(Why.Hold hold) {
        assertThat(hold).isEqualTo(new Why.Hold.Ended());
    }

    @Test
    void several_messages_told_at_once_slow_the_bot_down_and_no_other_lane() {
        learning(LIMITS);
        flooded(SendLane.BOT);
        assertThat(lowered).endsWith("bot");
        isLearned(third(SendLane.BOT), "bot");
        isFree(third(SendLane.PAID));
        isFree(third(SendLane.REPLIES));
    }

    @Test
    void several_paid_messages_told_at_once_slow_the_paid_lane_down_and_no_other() {
        learning(LIMITS);
        flooded(SendLane.PAID);
        assertThat(lowered).endsWith("bot");
        isLearned(third(SendLane.PAID), "paid");
        isFree(third(SendLane.BOT));
        isFree(third(SendLane.REPLIES));
    }

    @Test
    void several_replies_told_at_once_slow_replies_down_and_no_other_lane() {
        learning(LIMITS);
        flooded(SendLane.REPLIES);
        assertThat(lowered).endsWith("bot");
        isLearned(third(SendLane.REPLIES), "replies");
        isFree(third(SendLane.BOT));
        isFree(third(SendLane.PAID));
    }

    @Test
    void replies_without_a_limit_of_their_own_slow_the_bot_down() {
        learning(LIMITS.withReplies(Optional.empty()));
        flooded(SendLane.REPLIES);
        isLearned(third(SendLane.BOT), "bot");
        isLearned(third(SendLane.REPLIES), "bot");
    }

    @Test
    void a_chat_told_while_its_bot_is_idle_is_slowed_down_itself() {
        learning(LIMITS);
        for (SendLane lane : SendLane.values()) {
            lowered.clear();
            ChatId chat = ChatId.of(++chats);
            MessageId id = add(message(chat, "told").in(lane));
            settle(claimOne(), new Ending.Flooded(SECOND));
            assertThat(lowered).as("%s", lane).containsExactly("chat");
            clock.advance(SECOND);
            assertThat(drain()).containsExactly("told");
            id = add(message(chat, "next").in(lane));
            clock.advance(SECOND);
            assertThat(drain()).isEmpty();
            assertThat(hold(id))
                    .isInstanceOfSatisfying(
                            Why.Hold.Limited.class,
                            limited -> assertThat(limited.cause()).isEqualTo(Decision.Cause.LEARNED));
            clock.advance(SECOND);
            assertThat(drain()).containsExactly("next");
            clock.advance(SECOND.multipliedBy(10));
        }
    }

    @Test
    void a_group_told_to_stay_away_for_long_is_slowed_down_as_a_group() {
        learning(LIMITS);
        add(GROUP, "told");
        settle(claimOne(), new Ending.Flooded(Duration.ofSeconds(40)));
        assertThat(lowered).containsExactly("group");
        clock.advance(Duration.ofSeconds(40));
        assertThat(drain()).containsExactly("told");
        MessageId next = add(GROUP, "next");
        clock.advance(SECOND);
        assertThat(drain()).isEmpty();
        assertThat(hold(next))
                .isInstanceOfSatisfying(
                        Why.Hold.Limited.class,
                        limited -> assertThat(limited.scope()).isEqualTo("group"));
    }

    @Test
    void with_learning_off_a_429_only_parks() {
        limits = LIMITS;
        reopen(SETTINGS.withLearning(Learning.OFF.heardBy(lowered::add)));
        onlyParks();
    }

    @Test
    void in_shadow_mode_a_429_only_parks() {
        learning(LIMITS.inShadow(true));
        onlyParks();
    }

    private void onlyParks() {
        for (int i = 0; i < 3; i++) {
            add(message(ChatId.of(++chats), "told"));
        }
        for (Leased leased : claim(10)) {
            settle(leased, new Ending.Flooded(SECOND));
        }
        assertThat(claim(10)).isEmpty();
        clock.advance(SECOND);
        assertThat(drain()).hasSize(3);
        limits = LIMITS;
        clock.advance(SECOND);
        isFree(third(SendLane.BOT));
        assertThat(lowered).isEmpty();
    }
}
