package dev.sluice.server.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** By a clock that is a number. */
class LookoutTest {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final BotId BOT = new BotId(1);

    private final Lookout lookout = new Lookout(new Random(1));
    private long nowNanos = Long.MAX_VALUE - Duration.ofMinutes(1).toNanos(); // it may overflow

    private List<BotId> due(Set<BotId> all, boolean told, Duration first) {
        return lookout.due(all, told, first, nowNanos);
    }

    private void advance(Duration by) {
        nowNanos += by.toNanos();
    }

    /** How often it was asked of which bots within an hour of rounds, all of them told so. */
    private long askedWithinAnHour(Set<BotId> all, boolean told, Duration round) {
        long count = 0;
        for (long i = 0; i < Duration.ofHours(1).dividedBy(round); i++) {
            count += due(all, told, round).size();
            advance(round);
        }
        return count;
    }

    @Test
    void of_10_000_bots_that_have_nothing_few_are_asked_in_each_round_while_others_are_heard() {
        Set<BotId> all = LongStream.rangeClosed(1, 10_000).mapToObj(BotId::new).collect(Collectors.toSet());
        assertThat(due(all, true, FIRST)).as("at the start").hasSize(10_000);
        advance(Duration.ofMinutes(10));
        askedWithinAnHour(all, true, FIRST);

        // Each once in 7.5 to 20 s, in place of every 5 s.
        assertThat(askedWithinAnHour(all, true, FIRST)).isBetween(10_000L * 180, 10_000L * 400);
        // Not all in the same round.
        for (int round = 0; round < 20; round++) {
            advance(FIRST);
            assertThat(due(all, true, FIRST)).hasSizeLessThan(8_000);
        }
    }

    @Test
    void a_bot_that_has_nothing_is_asked_again_soon_and_then_ever_less_often() {
        due(Set.of(BOT), true, FIRST);
        Duration last = Duration.ZERO;
        for (int i = 0; i < 8; i++) {
            Duration waited = Duration.ZERO;
            while (due(Set.of(BOT), true, FIRST).isEmpty()) {
                advance(Duration.ofSeconds(1));
                waited = waited.plusSeconds(1);
            }
            assertThat(waited).isBetween(Duration.ofSeconds(1), Lookout.LONGEST_TOLD);
            assertThat(waited).isGreaterThanOrEqualTo(last.dividedBy(2));
            last = waited;
        }
        assertThat(last).isGreaterThanOrEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void who_is_told_nothing_asks_every_few_seconds_for_ever() {
        due(Set.of(BOT), true, FIRST);
        askedWithinAnHour(Set.of(BOT), true, FIRST);

        for (int i = 0; i < 100; i++) {
            advance(Lookout.LONGEST_UNTOLD);
            assertThat(due(Set.of(BOT), false, Duration.ofSeconds(1))).containsExactly(BOT);
        }
    }

    @Test
    void a_bot_that_has_something_again_is_asked_often_again() {
        due(Set.of(BOT), true, FIRST);
        askedWithinAnHour(Set.of(BOT), true, FIRST);

        lookout.stirred(BOT, nowNanos);
        advance(FIRST);

        assertThat(due(Set.of(BOT), true, FIRST)).containsExactly(BOT);
    }

    @Test
    void all_are_asked_when_it_was_not_heard_what_they_were_given() {
        due(Set.of(BOT), true, FIRST);
        assertThat(due(Set.of(BOT), true, FIRST)).isEmpty();

        lookout.everybody();

        assertThat(due(Set.of(BOT), true, FIRST)).containsExactly(BOT);
    }

    @Test
    void who_has_no_queue_any_more_takes_no_room_and_is_new_when_it_has_one_again() {
        due(Set.of(BOT), true, FIRST);
        due(Set.of(), true, FIRST);
        lookout.stirred(BOT, nowNanos);

        assertThat(due(Set.of(BOT), true, FIRST)).containsExactly(BOT);
    }
}
