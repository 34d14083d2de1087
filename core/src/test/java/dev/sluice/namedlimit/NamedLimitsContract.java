package dev.sluice.namedlimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.limit.SettableMicros;
import dev.sluice.limit.Waiter;
import dev.sluice.namedlimit.Passage.Allowed;
import dev.sluice.namedlimit.Passage.Denied;
import dev.sluice.namedlimit.Passage.Overlooked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What all named limits keep to, on a clock that the test sets. */
abstract class NamedLimitsContract {
    static final Duration MINUTE = Duration.ofMinutes(1);
    static final NamedLimit THREE = NamedLimit.atMost("payments", 3, MINUTE);
    static final Use PAY = Use.of("payments");
    private static final Duration SECOND = Duration.ofSeconds(1);

    final SettableMicros clock = new SettableMicros();
    NamedLimits limits;

    /** Limits whose time is the clock's, with nothing in them. */
    abstract NamedLimits limits(SettableMicros itsClock);

    @BeforeEach
    void open() {
        limits = limits(clock);
    }

    @Test
    void as_many_pass_as_the_limit_says_and_each_answer_tells_what_is_left_and_until_when() {
        limits.define(THREE);

        assertThat(limits.acquire(PAY)).isEqualTo(new Allowed(THREE, 2, MINUTE, true));
        clock.advance(SECOND.multipliedBy(20));
        assertThat(limits.acquire(PAY)).isEqualTo(new Allowed(THREE, 1, MINUTE, true));
        assertThat(limits.acquire(PAY)).isEqualTo(new Allowed(THREE, 0, MINUTE, true));
        Passage fourth = limits.acquire(PAY);
        assertThat(fourth).isEqualTo(new Denied(THREE, 0, SECOND.multipliedBy(40), true));
        assertThat(fourth.passes()).isFalse();

        clock.advance(SECOND.multipliedBy(40).minusNanos(1_000));
        assertThat(limits.acquire(PAY)).isEqualTo(new Denied(THREE, 0, Duration.ofNanos(1_000), true));
        clock.advanceMicros(1);
        assertThat(limits.acquire(PAY)).isEqualTo(new Allowed(THREE, 0, MINUTE, true));
    }

    @Test
    void each_subject_is_counted_for_itself_and_whoever_gives_none_for_all_that_give_none() {
        limits.define(THREE);
        for (int i = 0; i < 3; i++) {
            limits.acquire(PAY.by("Ann Lee, +49 30 1234567"));
        }

        assertThat(limits.acquire(PAY.by("Ann Lee, +49 30 1234567")).passes()).isFalse();
        assertThat(limits.acquire(PAY.by("ann lee, +49 30 1234567")).remaining())
                .as("as it is written")
                .isEqualTo(2);
        assertThat(limits.acquire(PAY.by("-")).remaining()).isEqualTo(2);
        assertThat(limits.acquire(PAY).remaining()).isEqualTo(2);
        assertThat(limits.acquire(PAY.by("{x}:* \n\u0000\uD83D\uDE00")).remaining())
                .isEqualTo(2);
        for (String other : List.of("?", "\uD83D", "\uDE00", "\uDE00\uD83D")) {
            assertThat(limits.acquire(PAY.by(other)).remaining())
                    .as("half a character is none of the others")
                    .isEqualTo(2);
        }
    }

    @Test
    void what_costs_more_takes_more_and_what_never_fits_is_told_so_at_once() {
        limits.define(NamedLimit.atMost("tokens", 10, MINUTE));
        Use seven = Use.of("tokens").weighing(7);

        assertThat(limits.acquire(seven).remaining()).isEqualTo(3);
        assertThat(limits.acquire(seven)).isInstanceOf(Denied.class);
        assertThat(limits.acquire(seven.weighing(3)).remaining()).isZero();
        assertThatThrownBy(() -> limits.acquire(seven.by("other").weighing(11)))
                .isInstanceOfSatisfying(TooHeavyException.class, e -> {
                    assertThat(e.weight()).isEqualTo(11);
                    assertThat(e.most()).isEqualTo(10);
                })
                .hasMessage("a weight of 11 never passes limit 'tokens', which lets 10 pass at once");
        assertThat(limits.usage(seven.by("other")).used())
                .as("nothing was charged")
                .isZero();
    }

    @Test
    void a_smooth_limit_lets_its_burst_pass_and_then_one_by_one() {
        NamedLimit smooth = NamedLimit.smooth("api", 100, MINUTE, 2);
        limits.define(smooth);
        Use call = Use.of("api");

        assertThat(limits.acquire(call)).isEqualTo(new Allowed(smooth, 1, Duration.ofMillis(600), true));
        assertThat(limits.acquire(call)).isEqualTo(new Allowed(smooth, 0, Duration.ofMillis(1_200), true));
        assertThat(limits.acquire(call)).isEqualTo(new Denied(smooth, 0, Duration.ofMillis(600), true));
        clock.advance(Duration.ofMillis(600));
        assertThat(limits.acquire(call)).isEqualTo(new Allowed(smooth, 0, Duration.ofMillis(1_200), true));
        assertThatThrownBy(() -> limits.acquire(call.weighing(3))).isInstanceOf(TooHeavyException.class);
    }

    @Test
    void a_new_definition_holds_for_the_next_who_asks_lower_or_higher() {
        limits.define(THREE);
        limits.acquire(PAY);
        limits.acquire(PAY);

        NamedLimit one = NamedLimit.atMost("payments", 1, MINUTE);
        limits.define(one);
        assertThat(limits.acquire(PAY)).isEqualTo(new Denied(one, 0, MINUTE, true));
        NamedLimit four = NamedLimit.atMost("payments", 4, MINUTE);
        limits.define(four);
        assertThat(limits.acquire(PAY)).isEqualTo(new Allowed(four, 1, MINUTE, true));
        NamedLimit shorter = NamedLimit.atMost("payments", 3, SECOND);
        limits.define(shorter);
        assertThat(limits.acquire(PAY)).isEqualTo(new Denied(shorter, 0, SECOND, true));
        clock.advance(SECOND);
        assertThat(limits.acquire(PAY)).isEqualTo(new Allowed(shorter, 2, SECOND, true));
        NamedLimit smooth = NamedLimit.smooth("payments", 60, MINUTE, 1);
        limits.define(smooth);
        assertThat(limits.acquire(PAY))
                .as("of another kind, it starts empty")
                .isEqualTo(new Allowed(smooth, 0, SECOND, true));
        assertThat(limits.acquire(PAY)).isEqualTo(new Denied(smooth, 0, SECOND, true));
    }

    @Test
    void a_higher_smooth_limit_lets_more_pass_at_once_to_whoever_used_the_old_one_up() {
        limits.define(NamedLimit.smooth("api", 1, Duration.ofHours(1), 1));
        Use call = Use.of("api");
        limits.acquire(call);

        NamedLimit higher = NamedLimit.smooth("api", 60, MINUTE, 10);
        limits.define(higher);
        assertThat(limits.usage(call))
                .as("no more than all of it")
                .isEqualTo(new LimitUsage(higher, 10, 0, SECOND.multipliedBy(10)));
        assertThat(limits.acquire(call)).isEqualTo(new Denied(higher, 0, SECOND, true));
        clock.advance(SECOND);
        assertThat(limits.acquire(call)).isEqualTo(new Allowed(higher, 0, SECOND.multipliedBy(10), true));
        clock.advance(SECOND.multipliedBy(10));
        assertThat(limits.acquire(call.weighing(10)).passes()).isTrue();
    }

    @Test
    void what_was_charged_by_the_slowest_limit_is_no_more_than_all_of_the_fastest() {
        limits.define(NamedLimit.smooth("api", 1, Duration.ofDays(31), 11));
        limits.acquire(Use.of("api").weighing(11));

        NamedLimit fastest = NamedLimit.smooth("api", 600_000, MINUTE, 1);
        limits.define(fastest);
        assertThat(limits.usage(Use.of("api"))).isEqualTo(new LimitUsage(fastest, 1, 0, Duration.ofNanos(100_000)));
    }

    @Test
    void in_shadow_mode_everybody_passes_and_who_would_have_been_denied_is_not_charged() {
        NamedLimit shadow = THREE.withShadow(true);
        limits.define(shadow);
        for (int i = 0; i < 3; i++) {
            assertThat(limits.acquire(PAY)).isInstanceOf(Allowed.class);
        }

        Passage fourth = limits.acquire(PAY);
        assertThat(fourth).isEqualTo(new Overlooked(shadow, 0, MINUTE, true));
        assertThat(fourth.passes()).isTrue();
        assertThat(limits.acquire(PAY.by("heavy").weighing(4))).isEqualTo(new Overlooked(shadow, 0, MINUTE, true));
        assertThat(limits.acquire(PAY, Optional.of(new Waiter("process1")))).isInstanceOf(Overlooked.class);
        clock.advance(SECOND);
        limits.define(THREE);
        assertThat(limits.acquire(PAY))
                .as("enforced, from what was charged")
                .isEqualTo(new Denied(THREE, 0, SECOND.multipliedBy(59), true));
    }

    @Test
    void in_shadow_mode_nobody_takes_a_place_in_line() {
        NamedLimit one = NamedLimit.atMost("payments", 1, SECOND);
        limits.define(one.withShadow(true));
        limits.acquire(PAY);
        assertThat(limits.acquire(PAY, Optional.of(new Waiter("process1")))).isInstanceOf(Overlooked.class);

        limits.define(one);
        clock.advance(SECOND);
        assertThat(limits.acquire(PAY).passes()).isTrue();
    }

    @Test
    void a_limit_that_is_not_defined_is_unknown_to_everybody() {
        assertThatThrownBy(() -> limits.acquire(PAY))
                .isInstanceOf(UnknownLimitException.class)
                .hasMessage("no limit is called 'payments': define it first");
        assertThatThrownBy(() -> limits.usage(PAY)).isInstanceOf(UnknownLimitException.class);
        assertThat(limits.find("payments")).isEmpty();
        assertThat(limits.list()).isEmpty();
        assertThat(limits.remove("payments")).isFalse();
    }

    @Test
    void what_is_removed_is_gone_at_once_and_still_counts_if_it_comes_back_soon() {
        limits.define(THREE);
        limits.acquire(PAY.weighing(3));

        assertThat(limits.remove("payments")).isTrue();
        assertThatThrownBy(() -> limits.acquire(PAY)).isInstanceOf(UnknownLimitException.class);
        limits.define(THREE);
        assertThat(limits.acquire(PAY).passes()).isFalse();
    }

    @Test
    void limits_are_listed_by_name_and_a_program_does_not_undo_what_operators_changed() {
        NamedLimit smooth =
                NamedLimit.smooth("api", 7, Duration.ofMillis(1_001), 3).withShadow(true);
        limits.define(THREE);
        limits.define(smooth);

        assertThat(limits.list()).containsExactly(smooth, THREE);
        assertThat(limits.find("api")).contains(smooth);
        assertThat(limits.defineIfAbsent(NamedLimit.atMost("payments", 9, SECOND)))
                .isEqualTo(THREE);
        assertThat(limits.find("payments")).contains(THREE);
        NamedLimit other = NamedLimit.atMost("other", 9, SECOND);
        assertThat(limits.defineIfAbsent(other)).isEqualTo(other);
        assertThat(limits.list()).containsExactly(smooth, other, THREE);
    }

    @Test
    void there_may_be_so_many_limits_and_no_more() {
        for (int i = 1; i < NamedLimits.MOST_LIMITS; i++) {
            limits.define(NamedLimit.atMost("limit-" + i, 1, SECOND));
        }
        limits.define(THREE);

        assertThatThrownBy(() -> limits.define(NamedLimit.atMost("another", 1, SECOND)))
                .isInstanceOf(TooManyLimitsException.class);
        assertThatThrownBy(() -> limits.defineIfAbsent(NamedLimit.atMost("another", 1, SECOND)))
                .isInstanceOf(TooManyLimitsException.class);
        NamedLimit changed = THREE.withShadow(true);
        limits.define(changed);
        assertThat(limits.defineIfAbsent(THREE)).isEqualTo(changed);
        assertThat(limits.list()).hasSize(NamedLimits.MOST_LIMITS).contains(changed);
        limits.remove("limit-1");
        limits.define(NamedLimit.atMost("another", 1, SECOND));
    }

    @Test
    void looking_changes_nothing() {
        limits.define(THREE);
        assertThat(limits.usage(PAY)).isEqualTo(new LimitUsage(THREE, 0, 3, Duration.ZERO));
        limits.acquire(PAY.by("42").weighing(2));
        clock.advance(SECOND);

        for (int i = 0; i < 3; i++) {
            assertThat(limits.usage(PAY.by("42"))).isEqualTo(new LimitUsage(THREE, 2, 1, SECOND.multipliedBy(59)));
        }
        assertThat(limits.acquire(PAY.by("42")).remaining()).isZero();
        clock.advance(MINUTE);
        assertThat(limits.usage(PAY.by("42"))).isEqualTo(new LimitUsage(THREE, 0, 3, Duration.ZERO));
    }

    @Test
    void a_process_that_was_denied_and_waits_goes_before_whoever_comes_later() {
        limits.define(NamedLimit.atMost("payments", 1, SECOND));
        limits.acquire(PAY);
        Optional<Waiter> first = Optional.of(new Waiter("process1"));
        assertThat(limits.acquire(PAY, first).passes()).isFalse();

        clock.advance(SECOND);
        assertThat(limits.acquire(PAY).passes()).as("a newcomer").isFalse();
        assertThat(limits.acquire(PAY, Optional.of(new Waiter("process2"))).passes())
                .isFalse();
        assertThat(limits.acquire(PAY, first).passes()).isTrue();
    }

    @Test
    void a_place_in_line_ends_with_the_wait_of_whoever_took_it_however_far_its_turn() {
        limits.define(NamedLimit.atMost("tokens", 10, Duration.ofHours(1)));
        Use one = Use.of("tokens");
        limits.acquire(one.weighing(8));
        var impatient = new Waiter("process1").staying(SECOND.multipliedBy(2));
        assertThat(limits.acquire(one.weighing(5), Optional.of(impatient)))
                .isInstanceOfSatisfying(
                        Denied.class, denied -> assertThat(denied.retryAfter()).isEqualTo(Duration.ofHours(1)));

        assertThat(limits.acquire(one))
                .as("behind it, for as long as it waits")
                .isInstanceOfSatisfying(
                        Denied.class,
                        denied -> assertThat(denied.retryAfter())
                                .isBetween(
                                        SECOND.multipliedBy(2),
                                        SECOND.multipliedBy(2).plusMillis(1)));
        clock.advance(SECOND.multipliedBy(2).plusMillis(1));
        assertThat(limits.acquire(one).passes()).isTrue();
    }

    @Test
    void whoever_waits_for_more_than_a_new_definition_ever_lets_pass_holds_nobody_up() {
        limits.define(NamedLimit.atMost("tokens", 10, Duration.ofHours(1)));
        Use one = Use.of("tokens");
        limits.acquire(one.weighing(10));
        assertThat(limits.acquire(one.weighing(9), Optional.of(new Waiter("process1")))
                        .passes())
                .isFalse();

        limits.define(NamedLimit.atMost("tokens", 5, SECOND));
        clock.advance(SECOND);
        assertThat(limits.acquire(one).passes()).isTrue();
        assertThatThrownBy(() -> limits.acquire(one.weighing(9), Optional.of(new Waiter("process1"))))
                .isInstanceOf(TooHeavyException.class);
    }

    @Test
    void of_64_callers_at_once_exactly_as_many_pass_as_the_limit_says_in_any_weights() throws Exception {
        limits.define(NamedLimit.atMost("tokens", 100, MINUTE));
        List<Integer> passed = Collections.synchronizedList(new ArrayList<>());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<Void>>();
            for (int caller = 0; caller < 64; caller++) {
                int weight = 1 + caller % 5;
                calls.add(() -> {
                    for (int i = 0; i < 10; i++) {
                        if (limits.acquire(Use.of("tokens").weighing(weight)).passes()) {
                            passed.add(weight);
                        }
                    }
                    return null;
                });
            }
            for (var done : threads.invokeAll(calls)) {
                done.get();
            }
        }

        assertThat(passed.stream().mapToInt(weight -> weight).sum())
                .as("those of weight 1 fill what the others leave")
                .isEqualTo(100);
    }

    @Test
    void what_is_no_limit_and_no_use_is_refused_and_says_why() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NamedLimit.atMost("Pay ments", 1, SECOND))
                .withMessage("limit name 'Pay ments' does not match [a-z0-9_-]{1,32}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NamedLimit.atMost("payments", 0, SECOND))
                .withMessage("a limit's count must be 1 to 1000000, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NamedLimit.atMost("payments", 10_001, SECOND))
                .withMessage("capacity must be 1 to 10000, not 10001");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NamedLimit.atMost("payments", 1, Duration.ofNanos(1_500_000)))
                .withMessage("a limit's window must be whole milliseconds up to PT744H, not PT0.0015S");
        assertThatIllegalArgumentException().isThrownBy(() -> NamedLimit.atMost("payments", 1, Duration.ofDays(32)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NamedLimit.smooth("payments", 1_000_000, SECOND, 1))
                .withMessageStartingWith("interval must be PT0.0001S");
        assertThatIllegalArgumentException().isThrownBy(() -> NamedLimit.smooth("payments", 1, SECOND, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> Use.of("UP"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PAY.by("x".repeat(129)))
                .withMessage("a subject must be 1 to 128 characters long, not 129");
        assertThatIllegalArgumentException().isThrownBy(() -> PAY.by(""));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PAY.weighing(0))
                .withMessage("a weight must be 1 to 10000, not 0");
        assertThatIllegalArgumentException().isThrownBy(() -> limits.remove("a b"));
        assertThat(PAY.by("Ann Lee")).hasToString("Use[limit=payments, of a subject, weight=1]");
    }
}
