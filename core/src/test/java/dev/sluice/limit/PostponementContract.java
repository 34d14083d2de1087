package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every rate limiter does with an admission that is used late. */
abstract class PostponementContract extends LimiterFixture {
    @Test
    void a_postponed_admission_keeps_the_next_one_as_far_behind() {
        var question = Acquisition.of(new Charge(chat, Limit.atMost(2, SECOND), 1));
        Allowed first = allowed(question);
        allowed(question);

        clock.advance(Duration.ofMillis(300));
        limiter.postpone(question, first, Duration.ofMillis(300));
        clock.advance(Duration.ofMillis(700));
        assertThat(remaining(limiter.tryAcquire(question))).containsExactly(0);
        assertThat(limiter.tryAcquire(question)).isEqualTo(new Denied(chat, Cause.LIMIT, Duration.ofMillis(300), 0));
    }

    @Test
    void an_admission_is_never_postponed_beyond_now() {
        var question = Acquisition.of(new Charge(chat, Limit.atMost(1, SECOND), 1));
        Allowed first = allowed(question);

        clock.advance(Duration.ofMillis(100));
        limiter.postpone(question, first, Duration.ofSeconds(50));
        assertThat(limiter.tryAcquire(question)).isEqualTo(new Denied(chat, Cause.LIMIT, SECOND, 0));
    }

    @Test
    void a_postponement_told_late_counts_in_place_of_the_oldest_and_loses_no_newer_one() {
        var question = Acquisition.of(new Charge(chat, Limit.atMost(2, SECOND), 1));
        Allowed first = allowed(question);
        clock.advance(Duration.ofMillis(1_100));
        allowed(question);
        clock.advance(Duration.ofMillis(100));
        allowed(question);
        limiter.postpone(question, first, Duration.ofMillis(1_150));

        clock.advance(Duration.ofMillis(900));
        assertThat(limiter.tryAcquire(question)).isEqualTo(new Denied(chat, Cause.LIMIT, Duration.ofMillis(50), 0));
    }

    @Test
    void a_postponement_that_no_longer_counts_leaves_nothing_behind() {
        var question = Acquisition.of(new Charge(chat, Limit.atMost(2, SECOND), 1));
        Allowed first = allowed(question);
        clock.advance(Duration.ofMillis(1_500));
        limiter.postpone(question, first, Duration.ofMillis(400));
        assertThat(remaining(limiter.tryAcquire(question))).containsExactly(1);
    }

    @Test
    void a_postponed_album_moves_whole() {
        var album = Acquisition.of(
                new Charge(chat, Limit.atMost(3, SECOND), 3), new Charge(bot, Limit.atMost(2, SECOND), 3));
        Allowed first = allowed(album);
        clock.advance(Duration.ofMillis(400));
        limiter.postpone(album, first, Duration.ofMillis(400));

        assertThat(acquire(new Charge(chat, Limit.atMost(3, SECOND), 1)))
                .isEqualTo(new Denied(chat, Cause.LIMIT, SECOND, 0));
        // More than a window holds: the second of its two windows has room for one.
        assertThat(acquire(new Charge(bot, Limit.atMost(2, SECOND), 1)))
                .isEqualTo(new Denied(bot, Cause.LIMIT, SECOND, 0));
    }

    @Test
    void gcra_counts_a_postponement_up_to_a_full_bucket() {
        var question = Acquisition.of(new Charge(chat, Limit.smooth(2, Duration.ofMillis(300)), 1));
        Allowed first = allowed(question);
        Allowed second = allowed(question);
        clock.advance(Duration.ofMillis(200));
        limiter.postpone(question, first, Duration.ofMillis(200));
        limiter.postpone(question, second, Duration.ofMillis(200));
        assertThat(limiter.tryAcquire(question)).isEqualTo(new Denied(chat, Cause.LIMIT, Duration.ofMillis(300), 0));
    }

    @Test
    void a_postponement_keeps_parks_and_weighs_only_what_was_charged() {
        var question = Acquisition.of(
                new Charge(chat, Limit.atMost(2, SECOND), 1), new Charge(bot, Limit.atMost(1, SECOND), 0));
        Allowed first = allowed(question);
        limiter.park(chat, Duration.ofMillis(700));
        clock.advance(Duration.ofMillis(100));
        limiter.postpone(question, first, Duration.ofMillis(100));
        assertThat(limiter.tryAcquire(question)).isEqualTo(new Denied(chat, Cause.PARK, Duration.ofMillis(600), 1));
        assertThat(remaining(acquire(new Charge(bot, Limit.atMost(1, SECOND), 1))))
                .containsExactly(0);
    }

    @Test
    void a_postponement_has_a_range() {
        var question = Acquisition.of(new Charge(chat, Limit.atMost(2, SECOND), 1));
        Allowed first = allowed(question);
        for (Duration by : List.of(Duration.ZERO, Duration.ofMillis(-1), Limit.LONGEST_SPAN.plusNanos(1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> limiter.postpone(question, first, by))
                    .withMessageContaining("a postponement must be more than zero")
                    .withMessageContaining(by.toString());
        }
    }

    private Allowed allowed(Acquisition question) {
        return (Allowed) limiter.tryAcquire(question);
    }
}
