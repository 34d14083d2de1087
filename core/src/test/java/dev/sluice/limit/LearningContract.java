package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Telegram's 429 teaches, and whom: on a clock that the test sets. */
abstract class LearningContract {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long GROUP = -500;

    final SettableMicros clock = new SettableMicros();
    LearningFixture bot;

    /** A limiter whose time is the clock's. */
    abstract RateLimiter limiter(SettableMicros clock);

    @BeforeEach
    void open() {
        bot = new LearningFixture(limiter(clock), clock, TelegramLimits.DOCUMENTED);
    }

    @Test
    void several_chats_told_within_a_second_lower_the_bots_pace_once() {
        assertThat(bot.flood(1, 8)).isEqualTo(new Floods.Told(true, Optional.empty()));
        assertThat(bot.botPace()).hasValueSatisfying(pace -> {
            assertThat(pace.perSecond()).isEqualTo(21);
            assertThat(pace.toldAt()).isEqualTo(30);
            assertThat(pace.since()).isZero();
        });
        for (int chat = 1; chat <= 8; chat++) {
            assertThat(bot.chatPace(chat)).isEmpty();
        }
    }

    @Test
    void a_pace_spaces_what_the_window_would_let_through_at_once() {
        bot.flood(1, 3);
        clock.advance(SECOND);
        int passed = 0;
        Denied denied = null;
        for (int chat = 100; denied == null; chat++) {
            switch (bot.tryAcquire(chat)) {
                case Allowed allowed -> passed++;
                case Denied denial -> denied = denial;
            }
        }
        // 50 ms early at most, at one per 48 ms.
        assertThat(passed).isEqualTo(2);
        assertThat(denied.bucket()).isEqualTo(bot.botBucket());
        assertThat(denied.cause()).isEqualTo(Cause.LEARNED);
        assertThat(denied.remaining()).isZero();
        clock.advanceMicros(Microseconds.of(denied.retryAfter()) - 1);
        assertThat(bot.tryAcquire(200)).isInstanceOf(Denied.class);
        clock.advanceMicros(1);
        assertThat(bot.tryAcquire(200)).isInstanceOf(Allowed.class);
    }

    @Test
    void after_a_park_what_passed_until_the_next_429_is_taken_for_telegrams_own_limit() {
        bot.flood(1, 3);
        clock.advance(SECOND);
        for (int chat = 100; chat < 112; chat++) {
            bot.pass(chat);
            clock.advance(Duration.ofMillis(48));
        }
        for (int chat = 112; chat < 115; chat++) {
            Allowed admission = bot.pass(chat);
            clock.advance(Duration.ofMillis(40));
            bot.flooded(chat, admission, SECOND);
            clock.advance(Duration.ofMillis(8));
        }
        assertThat(bot.botPace()).hasValueSatisfying(pace -> {
            assertThat(pace.toldAt()).isEqualTo(12);
            assertThat(pace.perSecond()).isBetween(10.8, 10.81);
        });
    }

    @Test
    void what_was_admitted_before_the_pace_was_lowered_says_nothing_new() {
        Allowed before = bot.pass(50);
        bot.flood(1, 3);
        double pace = bot.botPace().orElseThrow().perSecond();
        clock.advance(Duration.ofMillis(300));

        assertThat(bot.flooded(50, before, SECOND).lowered()).isEmpty();
        assertThat(bot.botPace().orElseThrow().perSecond()).isBetween(pace, pace + 0.3);
        assertThat(bot.chatPace(50)).isEmpty();
    }

    @Test
    void a_pace_rises_with_time_alone_and_is_forgotten_at_the_limit() {
        bot.flood(1, 3);
        LearnedPace learned = bot.botPace().orElseThrow();
        double before = learned.perSecond();
        for (int second = 0; second < learned.forgottenIn().toSeconds(); second++) {
            clock.advance(SECOND);
            double pace = bot.botPace().orElseThrow().perSecond();
            assertThat(pace).isBetween(before, 30.0);
            before = pace;
        }
        clock.advance(SECOND);
        assertThat(bot.botPace()).isEmpty();
        for (int chat = 100; chat < 130; chat++) {
            bot.pass(chat);
        }
    }

    @Test
    void a_pace_never_falls_below_a_twentieth_of_the_limit() {
        for (long chat = 1; chat < 30; chat++) {
            Decision decision = bot.tryAcquire(chat);
            while (decision instanceof Denied denied) {
                assertThat(denied.retryAfter()).isLessThanOrEqualTo(SECOND);
                clock.advance(denied.retryAfter());
                decision = bot.tryAcquire(chat);
            }
            bot.flooded(chat, (Allowed) decision, SECOND);
        }
        assertThat(bot.botPace().orElseThrow().perSecond()).isGreaterThanOrEqualTo(1.5);
    }

    @Test
    void a_chat_told_once_while_its_bot_is_busy_teaches_nobody() {
        busy();
        assertThat(bot.flooded(7, bot.pass(7), SECOND)).isEqualTo(new Floods.Told(false, Optional.empty()));
        assertThat(bot.botPace()).isEmpty();
        assertThat(bot.chatPace(7)).isEmpty();
    }

    @Test
    void a_chat_told_twice_with_no_other_between_is_the_slow_one_and_holds_up_no_other() {
        busy();
        bot.flooded(7, bot.pass(7), SECOND);
        clock.advance(SECOND);
        busy();
        assertThat(bot.flooded(7, bot.pass(7), SECOND).lowered()).contains(bot.chatBucket(7));

        assertThat(bot.chatPace(7).orElseThrow().perSecond()).isEqualTo(0.7);
        assertThat(bot.botPace()).isEmpty();
        clock.advance(SECOND);
        for (int chat = 100; chat < 130; chat++) {
            bot.pass(chat);
        }
        clock.advance(SECOND.plusMillis(1));
        bot.pass(7);
        clock.advance(SECOND);
        assertThat(bot.tryAcquire(7))
                .isInstanceOfSatisfying(
                        Denied.class, denied -> assertThat(denied.cause()).isEqualTo(Cause.LEARNED));
    }

    @Test
    void two_messages_of_a_chat_that_were_under_way_together_count_once() {
        busy();
        Allowed first = bot.pass(7);
        bot.flooded(7, first, SECOND);
        assertThat(bot.flooded(7, first, SECOND).lowered()).isEmpty();
    }

    @Test
    void a_bot_that_sends_little_is_not_over_its_own_limit() {
        assertThat(bot.flooded(7, bot.pass(7), SECOND).lowered()).contains(bot.chatBucket(7));
    }

    @Test
    void a_long_retry_after_in_a_group_is_that_of_the_groups_longer_window() {
        assertThat(bot.flooded(GROUP, bot.pass(GROUP), Duration.ofSeconds(3)).lowered())
                .contains(bot.chatBucket(GROUP));
        bot.limiter.forgetLearned(bot.chatBucket(GROUP));
        clock.advance(Duration.ofSeconds(3));
        assertThat(bot.flooded(GROUP, bot.pass(GROUP), Duration.ofSeconds(40)).lowered())
                .contains(bot.groupBucket(GROUP));
        assertThat(bot.groupPace(GROUP).orElseThrow().perSecond()).isEqualTo(0.233);
    }

    @Test
    void a_call_without_a_chat_teaches_the_bot() {
        var charges = TelegramLimits.DOCUMENTED.charges(bot.bot, Optional.empty(), 1, false);
        var admission = (Allowed) bot.limiter.tryAcquire(Acquisition.of(charges));
        var flood = new Flood(bot.bot, Optional.empty(), SECOND, charges, admission.at());
        assertThat(bot.limiter.flooded(flood).lowered()).contains(bot.botBucket());
    }

    @Test
    void the_paid_lane_has_its_own_pace() {
        BotId id = bot.bot;
        for (int chat = 1; chat <= 3; chat++) {
            var charges = TelegramLimits.DOCUMENTED.charges(id, Optional.of(LearningFixture.chat(chat)), 1, true);
            var admission = (Allowed) bot.limiter.tryAcquire(Acquisition.of(charges));
            bot.limiter.flooded(
                    new Flood(id, Optional.of(LearningFixture.chat(chat)), SECOND, charges, admission.at()));
        }
        var paid = bot.limiter.statistics(TelegramLimits.paidBucket(id), TelegramLimits.DOCUMENTED.paid());
        assertThat(paid.learned().orElseThrow().perSecond()).isEqualTo(700);
        assertThat(bot.botPace()).isEmpty();
    }

    @Test
    void what_was_learned_can_be_forgotten_and_nothing_else_is() {
        bot.flood(1, 3);
        BucketStatistics before = bot.limiter.statistics(bot.botBucket(), bot.limits.bot());

        assertThat(bot.limiter.forgetLearned(bot.botBucket())).isTrue();
        assertThat(bot.limiter.forgetLearned(bot.botBucket())).isFalse();
        assertThat(bot.limiter.statistics(bot.botBucket(), bot.limits.bot()))
                .isEqualTo(new BucketStatistics(
                        before.bucket(),
                        before.limit(),
                        before.used(),
                        before.remaining(),
                        before.resetAfter(),
                        before.parkedFor(),
                        before.waiting(),
                        Optional.empty()));
    }

    @Test
    void who_says_nothing_of_what_was_charged_or_by_another_clock_only_parks() {
        for (int chat = 1; chat <= 4; chat++) {
            bot.limiter.flooded(Flood.toldOnly(bot.bot, Optional.of(LearningFixture.chat(chat)), SECOND));
            bot.limiter.flooded(
                    new Flood(bot.bot, Optional.of(LearningFixture.chat(chat)), SECOND, bot.charges(chat), 12_345));
        }
        assertThat(bot.limiter.statistics(bot.botBucket(), bot.limits.bot()).parkedFor())
                .isEqualTo(SECOND);
        assertThat(bot.botPace()).isEmpty();
    }

    @Test
    void who_does_not_say_what_the_chat_was_charged_only_parks() {
        for (int chat = 1; chat <= 3; chat++) {
            List<Charge> ofBot = bot.charges(chat).subList(0, 1);
            var admission = (Allowed) bot.limiter.tryAcquire(Acquisition.of(ofBot));
            var flood = new Flood(bot.bot, Optional.of(LearningFixture.chat(chat)), SECOND, ofBot, admission.at());
            assertThat(bot.limiter.flooded(flood)).isEqualTo(new Floods.Told(chat >= 3, Optional.empty()));
        }
        assertThat(bot.botPace()).isEmpty();
    }

    @Test
    void an_overdraft_passes_a_pace_and_holds_others_up_for_a_window_at_most() {
        bot.flood(1, 3);
        clock.advance(SECOND);
        for (int chat = 100; chat < 400; chat++) {
            var overdraft = Acquisition.of(bot.charges(chat)).overdrawing();
            assertThat(bot.limiter.tryAcquire(overdraft)).isInstanceOf(Allowed.class);
        }
        clock.advance(Duration.ofMillis(1_050));
        assertThat(bot.tryAcquire(500)).isInstanceOf(Allowed.class);
    }

    @Test
    void who_waits_keeps_its_turn_at_a_pace() {
        bot.flood(1, 3);
        clock.advance(SECOND);
        bot.pass(100);
        bot.pass(101);
        var first = Acquisition.of(bot.charges(102)).waitingAs(new Waiter("AAAAAAAA"));
        var second = Acquisition.of(bot.charges(103)).waitingAs(new Waiter("BBBBBBBB"));
        Denied ahead = (Denied) bot.limiter.tryAcquire(first);
        Denied behind = (Denied) bot.limiter.tryAcquire(second);
        assertThat(behind.retryAfter()).isGreaterThan(ahead.retryAfter());
        clock.advance(ahead.retryAfter());
        assertThat(bot.limiter.tryAcquire(second))
                .isInstanceOfSatisfying(
                        Denied.class, denied -> assertThat(denied.cause()).isEqualTo(Cause.TURN));
        assertThat(bot.limiter.tryAcquire(first)).isInstanceOf(Allowed.class);
    }

    private void busy() {
        for (int chat = 1_000; chat < 1_020; chat++) {
            bot.pass(chat);
        }
    }
}
