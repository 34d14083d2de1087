package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every rate limiter keeps to, on a clock that the test sets. Waiting in line is {@link WaitingLineContract}. */
abstract class RateLimiterContract extends PostponementContract {
    @Test
    void an_acquisition_passes_until_the_window_is_full() {
        var charge = new Charge(chat, Limit.atMost(3, SECOND), 1);

        assertThat(remaining(acquire(charge))).containsExactly(2);
        assertThat(remaining(acquire(charge))).containsExactly(1);
        assertThat(remaining(acquire(charge))).containsExactly(0);
        assertThat(acquire(charge)).isEqualTo(new Denied(chat, Cause.LIMIT, SECOND, 0));
    }

    @Test
    void a_strict_window_slides_rather_than_refills() {
        var charge = new Charge(chat, Limit.atMost(2, SECOND), 1);
        acquire(charge);
        clock.advance(Duration.ofMillis(600));
        acquire(charge);

        clock.advance(Duration.ofMillis(400));
        assertThat(remaining(acquire(charge))).containsExactly(0);
        assertThat(acquire(charge)).isEqualTo(new Denied(chat, Cause.LIMIT, Duration.ofMillis(600), 0));
    }

    @Test
    void gcra_allows_a_burst_and_then_one_per_interval() {
        var charge = new Charge(chat, Limit.smooth(2, Duration.ofMillis(300)), 1);
        assertThat(remaining(acquire(charge))).containsExactly(1);
        assertThat(remaining(acquire(charge))).containsExactly(0);
        assertThat(acquire(charge)).isEqualTo(new Denied(chat, Cause.LIMIT, Duration.ofMillis(300), 0));

        clock.advance(Duration.ofMillis(300));
        assertThat(remaining(acquire(charge))).containsExactly(0);
        clock.advance(Duration.ofMillis(450));
        assertThat(remaining(acquire(charge))).containsExactly(0);
        assertThat(acquire(charge)).isEqualTo(new Denied(chat, Cause.LIMIT, Duration.ofMillis(150), 0));
    }

    @Test
    void in_shadow_mode_a_full_bucket_denies_nobody_charges_nobody_and_is_named() {
        Limit roomy = Limit.atMost(30, SECOND);
        Limit tight = Limit.atMost(1, SECOND);
        var both = Acquisition.of(new Charge(bot, roomy, 1), new Charge(chat, tight, 1))
                .shadowed();

        assertThat(remaining(limiter.tryAcquire(both))).containsExactly(29, 0);
        for (int i = 0; i < 3; i++) {
            assertThat(limiter.tryAcquire(both))
                    .isEqualTo(new Allowed(clock.getAsLong(), List.of(), Optional.of(chat)));
        }
        assertThat(limiter.statistics(bot, roomy).used()).isEqualTo(1);
        assertThat(limiter.statistics(chat, tight).waiting()).isZero();
        clock.advance(SECOND);
        assertThat(remaining(limiter.tryAcquire(both))).containsExactly(29, 0);
    }

    @Test
    void in_shadow_mode_a_park_denies_also_beside_a_bucket_that_is_full_for_longer() {
        var full = new Charge(chat, Limit.atMost(1, Duration.ofMinutes(1)), 1);
        var both = Acquisition.of(new Charge(bot, Limit.atMost(30, SECOND), 1), full)
                .shadowed();
        limiter.tryAcquire(both);
        limiter.park(bot, SECOND);

        assertThat(limiter.tryAcquire(both)).isInstanceOfSatisfying(Denied.class, denied -> {
            assertThat(denied.bucket()).isEqualTo(bot);
            assertThat(denied.cause()).isEqualTo(Cause.PARK);
            assertThat(denied.retryAfter()).isEqualTo(SECOND);
        });
        clock.advance(SECOND);
        assertThat(limiter.tryAcquire(both)).isEqualTo(new Allowed(clock.getAsLong(), List.of(), Optional.of(chat)));
    }

    @Test
    void either_all_buckets_are_charged_or_none() {
        Limit roomy = Limit.atMost(30, SECOND);
        Limit tight = Limit.atMost(1, SECOND);
        var both = Acquisition.of(new Charge(bot, roomy, 1), new Charge(chat, tight, 1));

        assertThat(remaining(limiter.tryAcquire(both))).containsExactly(29, 0);
        assertThat(limiter.tryAcquire(both)).isInstanceOf(Denied.class);
        assertThat(limiter.statistics(bot, roomy).used()).isEqualTo(1);
    }

    @Test
    void the_bucket_that_holds_longest_is_named() {
        var second = new Charge(chat, Limit.atMost(1, SECOND), 1);
        var minute = new Charge(bucket("group"), Limit.atMost(1, Duration.ofMinutes(1)), 1);
        var both = Acquisition.of(second, minute);
        limiter.tryAcquire(both);

        assertThat(limiter.tryAcquire(both))
                .isEqualTo(new Denied(minute.bucket(), Cause.LIMIT, Duration.ofMinutes(1), 0));
        clock.advance(Duration.ofMillis(500));
        acquire(new Charge(bot, Limit.atMost(1, Duration.ofMinutes(2)), 1));
        assertThat(limiter.tryAcquire(
                        Acquisition.of(second, new Charge(bot, Limit.atMost(1, Duration.ofMinutes(2)), 1), minute)))
                .isEqualTo(new Denied(bot, Cause.LIMIT, Duration.ofMinutes(2), 0));
    }

    static Stream<Arguments> limitsAndWeights() {
        Limit window = Limit.atMost(3, SECOND);
        Limit one = Limit.atMost(1, SECOND);
        Limit smooth = Limit.smooth(3, Duration.ofMillis(300));
        return Stream.of(window, one, smooth)
                .flatMap(limit -> Stream.of(1, 2, 3, 4, 6, 7).map(weight -> Arguments.of(limit, weight)));
    }

    /** Asked by millisecond, because that is what callers sleep by, and by microsecond, because that is what is counted. */
    @ParameterizedTest
    @MethodSource("limitsAndWeights")
    void retry_after_is_exact(Limit limit, int weight) {
        for (int i = 0; i < limit.capacity(); i++) {
            assertThat(acquire(new Charge(chat, limit, 1))).isInstanceOf(Allowed.class);
            clock.advanceMicros(70_000);
        }
        var question = new Charge(chat, limit, weight);
        long asked = clock.getAsLong();
        Duration retryAfter = denied(acquire(question)).retryAfter();

        clock.set(asked);
        clock.advance(retryAfter.minusMillis(1));
        assertThat(denied(acquire(question)).retryAfter()).isEqualTo(Duration.ofMillis(1));
        clock.advanceMicros(999);
        assertThat(denied(acquire(question)).retryAfter()).isEqualTo(Duration.ofNanos(1_000));
        clock.advanceMicros(1);
        assertThat(acquire(question)).isInstanceOf(Allowed.class);
    }

    @Test
    void what_costs_more_than_a_window_waits_for_an_empty_one_and_fills_as_many_as_it_needs() {
        Limit limit = Limit.atMost(3, SECOND);
        acquire(new Charge(chat, limit, 1));
        clock.advance(Duration.ofMillis(400));
        var album = new Charge(chat, limit, 7);
        assertThat(acquire(album)).isEqualTo(new Denied(chat, Cause.LIMIT, Duration.ofMillis(600), 2));

        clock.advance(Duration.ofMillis(600));
        assertThat(remaining(acquire(album))).containsExactly(0);
        // Three count from now, three from a second later, one from two seconds later.
        var one = new Charge(chat, limit, 1);
        assertThat(acquire(one)).isEqualTo(new Denied(chat, Cause.LIMIT, Duration.ofSeconds(2), 0));
        clock.advance(Duration.ofSeconds(2));
        assertThat(remaining(acquire(one))).containsExactly(1);
        assertThat(remaining(acquire(one))).containsExactly(0);
        assertThat(acquire(one)).isEqualTo(new Denied(chat, Cause.LIMIT, SECOND, 0));
    }

    @Test
    void gcra_earns_back_what_costs_more_than_its_burst() {
        Limit limit = Limit.smooth(3, Duration.ofMillis(300));
        acquire(new Charge(chat, limit, 1));
        var album = new Charge(chat, limit, 7);
        assertThat(acquire(album)).isEqualTo(new Denied(chat, Cause.LIMIT, Duration.ofMillis(300), 2));

        clock.advance(Duration.ofMillis(300));
        assertThat(remaining(acquire(album))).containsExactly(0);
        assertThat(acquire(new Charge(chat, limit, 1)))
                .isEqualTo(new Denied(chat, Cause.LIMIT, Duration.ofMillis(1_500), 0));
    }

    @Test
    void an_overdraft_is_charged_although_the_bucket_is_full() {
        Limit limit = Limit.atMost(2, SECOND);
        var question = Acquisition.of(new Charge(chat, limit, 1));
        limiter.tryAcquire(question);
        clock.advance(Duration.ofMillis(100));
        limiter.tryAcquire(question);
        clock.advance(Duration.ofMillis(100));

        assertThat(remaining(limiter.tryAcquire(question.overdrawing()))).containsExactly(0);
        // Without it the next would pass 800 ms from now, when the first admission leaves the window.
        assertThat(denied(limiter.tryAcquire(question)).retryAfter()).isEqualTo(Duration.ofMillis(900));
    }

    @Test
    void an_overdraft_of_gcra_is_a_debt() {
        Limit limit = Limit.smooth(1, Duration.ofMillis(300));
        var question = Acquisition.of(new Charge(chat, limit, 1));
        limiter.tryAcquire(question);

        assertThat(remaining(limiter.tryAcquire(question.overdrawing()))).containsExactly(0);
        assertThat(denied(limiter.tryAcquire(question)).retryAfter()).isEqualTo(Duration.ofMillis(600));
    }

    @Test
    void weight_zero_passes_a_full_bucket_uncharged() {
        Limit limit = Limit.atMost(1, SECOND);
        assertThat(remaining(acquire(new Charge(chat, limit, 0)))).containsExactly(1);
        acquire(new Charge(chat, limit, 1));

        assertThat(remaining(acquire(new Charge(chat, limit, 0)))).containsExactly(0);
        assertThat(limiter.statistics(chat, limit).used()).isEqualTo(1);
    }

    @Test
    void nothing_passes_a_parked_bucket_until_the_park_ends() {
        limiter.park(chat, Duration.ofSeconds(5));
        var question = Acquisition.of(new Charge(chat, Limit.atMost(1, SECOND), 1));
        var parked = new Denied(chat, Cause.PARK, Duration.ofSeconds(5), 1);

        assertThat(limiter.tryAcquire(question)).isEqualTo(parked);
        assertThat(limiter.tryAcquire(question.overdrawing())).isEqualTo(parked);
        assertThat(acquire(new Charge(chat, Limit.atMost(1, SECOND), 0))).isEqualTo(parked);
        clock.advance(Duration.ofSeconds(5).minusNanos(1_000));
        assertThat(limiter.tryAcquire(question)).isInstanceOf(Denied.class);
        clock.advanceMicros(1);
        assertThat(limiter.tryAcquire(question)).isInstanceOf(Allowed.class);
    }

    @Test
    void a_park_only_ever_moves_later() {
        limiter.park(chat, Duration.ofSeconds(5));
        limiter.park(chat, Duration.ofSeconds(3));
        assertThat(parkedFor(chat)).isEqualTo(Duration.ofSeconds(5));

        clock.advance(Duration.ofSeconds(1));
        limiter.park(chat, Duration.ofSeconds(6));
        assertThat(parkedFor(chat)).isEqualTo(Duration.ofSeconds(6));
    }

    @Test
    void the_later_of_park_and_limit_is_the_cause() {
        var charge = new Charge(chat, Limit.atMost(1, Duration.ofSeconds(10)), 1);
        acquire(charge);
        limiter.park(chat, Duration.ofSeconds(5));
        assertThat(acquire(charge)).isEqualTo(new Denied(chat, Cause.LIMIT, Duration.ofSeconds(10), 0));

        limiter.park(chat, Duration.ofSeconds(20));
        assertThat(acquire(charge)).isEqualTo(new Denied(chat, Cause.PARK, Duration.ofSeconds(20), 0));
    }

    @Test
    void a_park_forgets_no_admissions() {
        var charge = new Charge(chat, Limit.atMost(2, Duration.ofSeconds(10)), 1);
        acquire(charge);
        limiter.park(chat, SECOND);
        clock.advance(Duration.ofSeconds(2));

        assertThat(remaining(acquire(charge))).containsExactly(0);
        assertThat(acquire(charge)).isEqualTo(new Denied(chat, Cause.LIMIT, Duration.ofSeconds(8), 0));
    }

    @Test
    void a_park_of_nothing_or_of_more_than_a_day_is_refused() {
        for (var wrong : List.of(
                Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(1).plusMillis(1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> limiter.park(chat, wrong))
                    .withMessageContaining(wrong.toString());
        }
    }

    @Test
    void statistics_tell_a_bucket_at_one_moment() {
        Limit limit = Limit.atMost(3, SECOND);
        acquire(new Charge(chat, limit, 1));
        clock.advance(Duration.ofMillis(250));
        acquire(new Charge(chat, limit, 1));
        limiter.park(chat, Duration.ofSeconds(9));
        clock.advance(Duration.ofMillis(250));

        assertThat(limiter.statistics(chat, limit))
                .isEqualTo(new BucketStatistics(
                        chat, limit, 2, 1, Duration.ofMillis(750), Duration.ofMillis(8_750), 0, Optional.empty()));
        clock.advance(Duration.ofMillis(500));
        assertThat(limiter.statistics(chat, limit))
                .isEqualTo(new BucketStatistics(
                        chat, limit, 1, 2, Duration.ofMillis(250), Duration.ofMillis(8_250), 0, Optional.empty()));
    }

    @Test
    void statistics_of_gcra_count_what_is_not_earned_back() {
        Limit limit = Limit.smooth(3, Duration.ofMillis(300));
        acquire(new Charge(chat, limit, 2));
        clock.advance(Duration.ofMillis(100));

        assertThat(limiter.statistics(chat, limit))
                .isEqualTo(new BucketStatistics(
                        chat, limit, 2, 1, Duration.ofMillis(500), Duration.ZERO, 0, Optional.empty()));
        clock.advance(Duration.ofMillis(500));
        assertThat(limiter.statistics(chat, limit))
                .isEqualTo(new BucketStatistics(chat, limit, 0, 3, Duration.ZERO, Duration.ZERO, 0, Optional.empty()));
    }

    @Test
    void an_unknown_bucket_is_empty() {
        Limit limit = Limit.atMost(3, SECOND);

        assertThat(limiter.statistics(chat, limit))
                .isEqualTo(new BucketStatistics(chat, limit, 0, 3, Duration.ZERO, Duration.ZERO, 0, Optional.empty()));
    }

    @Test
    void a_limit_may_be_raised_and_lowered_while_it_counts() {
        Limit twenty = Limit.atMost(20, SECOND);
        Limit thirty = Limit.atMost(30, SECOND);
        assertThat(remaining(acquire(new Charge(chat, twenty, 20)))).containsExactly(0);
        clock.advance(Duration.ofMillis(100));
        assertThat(acquire(new Charge(chat, twenty, 1))).isInstanceOf(Denied.class);

        assertThat(remaining(acquire(new Charge(chat, thirty, 10)))).containsExactly(0);
        assertThat(denied(acquire(new Charge(chat, thirty, 1))).retryAfter()).isEqualTo(Duration.ofMillis(900));
        assertThat(denied(acquire(new Charge(chat, twenty, 1))).retryAfter()).isEqualTo(Duration.ofMillis(900));
        // When the first twenty have left, ten still count, under either limit.
        clock.advance(Duration.ofMillis(900));
        assertThat(remaining(acquire(new Charge(chat, twenty, 10)))).containsExactly(0);
        assertThat(remaining(acquire(new Charge(chat, thirty, 10)))).containsExactly(0);
    }

    @Test
    void a_limit_that_changes_its_kind_starts_empty_once_it_is_charged() {
        Limit window = Limit.atMost(2, Duration.ofSeconds(10));
        Limit smooth = Limit.smooth(2, Duration.ofSeconds(5));
        acquire(new Charge(chat, window, 2));

        assertThat(limiter.statistics(chat, smooth).used()).isZero();
        assertThat(remaining(acquire(new Charge(chat, smooth, 0)))).containsExactly(2);
        assertThat(limiter.statistics(chat, window).used()).isEqualTo(2);
        assertThat(remaining(acquire(new Charge(chat, smooth, 2)))).containsExactly(0);
        assertThat(denied(acquire(new Charge(chat, smooth, 1))).retryAfter()).isEqualTo(Duration.ofSeconds(5));
        assertThat(remaining(acquire(new Charge(chat, window, 2)))).containsExactly(0);
    }

    @Test
    void a_denial_under_a_limit_of_another_kind_forgets_nothing() {
        var other = new Bucket(chat.tag(), "other", "1");
        Limit window = Limit.atMost(2, Duration.ofSeconds(10));
        acquire(new Charge(chat, window, 2));
        acquire(new Charge(other, window, 2));

        assertThat(limiter.tryAcquire(Acquisition.of(
                        new Charge(chat, Limit.smooth(2, Duration.ofSeconds(5)), 1), new Charge(other, window, 1))))
                .isEqualTo(new Denied(other, Cause.LIMIT, Duration.ofSeconds(10), 0));
        assertThat(limiter.statistics(chat, window).used()).isEqualTo(2);
    }

    @Test
    void a_limit_that_changes_its_kind_stays_parked() {
        acquire(new Charge(chat, Limit.atMost(2, SECOND), 1));
        limiter.park(chat, Duration.ofSeconds(5));

        assertThat(acquire(new Charge(chat, Limit.smooth(2, SECOND), 1)))
                .isEqualTo(new Denied(chat, Cause.PARK, Duration.ofSeconds(5), 2));
    }
}
