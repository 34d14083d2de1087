package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.budget.Consumption.Allowed;
import dev.sluice.budget.Consumption.Exempt;
import dev.sluice.budget.Consumption.Exhausted;
import dev.sluice.limit.SettableMicros;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What all budgets keep to, on a clock that the test sets. */
abstract class BudgetsContract {
    static final Duration DAY = Duration.ofDays(1);
    static final Budget THREE = Budget.of("messages", 3, DAY);
    static final long ALICE = 42;
    private static final long BOB = 43;

    final SettableMicros clock = new SettableMicros();
    Budgets budgets;

    /** Budgets whose time is the clock's, with nothing in them. */
    abstract Budgets budgets(SettableMicros itsClock);

    @BeforeEach
    void open() {
        budgets = budgets(clock);
    }

    @Test
    void as_many_pass_as_the_limit_says_and_each_answer_tells_what_is_left_and_until_when() {
        Instant end = now().plus(DAY);

        assertThat(consume(THREE)).isEqualTo(new Allowed(usage(1, 0, 0, 2, end, DAY)));
        clock.advance(Duration.ofHours(1));
        assertThat(consume(THREE)).isEqualTo(new Allowed(usage(2, 0, 0, 1, end, Duration.ofHours(23))));
        assertThat(consume(THREE)).isEqualTo(new Allowed(usage(3, 0, 0, 0, end, Duration.ofHours(23))));
        Consumption fourth = consume(THREE);
        assertThat(fourth).isEqualTo(new Exhausted(usage(3, 1, 0, 0, end, Duration.ofHours(23))));
        assertThat(fourth.passes()).isFalse();
        assertThat(fourth.resetsIn()).isEqualTo(Duration.ofHours(23));
        assertThat(fourth.resetsAt()).isEqualTo(end);
        assertThat(budgets.consume(THREE, BudgetUser.of(BOB)).remaining()).isEqualTo(2);
    }

    @Test
    void a_window_ends_a_length_after_its_first_message_whatever_came_in_between() {
        consume(THREE);
        clock.advance(Duration.ofHours(20));
        consume(THREE);
        consume(THREE);
        clock.advance(Duration.ofHours(4).minusNanos(1_000));
        assertThat(consume(THREE)).isInstanceOf(Exhausted.class);

        clock.advanceMicros(1);
        assertThat(consume(THREE)).isEqualTo(new Allowed(usage(1, 0, 0, 2, now().plus(DAY), DAY)));
    }

    @Test
    void an_idle_window_ends_a_length_after_the_last_message_that_passed() {
        Budget idle = THREE.withWindow(new Window.Idle(DAY));
        consume(idle);
        clock.advance(Duration.ofHours(20));
        consume(idle);
        clock.advance(Duration.ofHours(20));
        assertThat(consume(idle)).isEqualTo(new Allowed(usage(3, 0, 0, 0, now().plus(DAY), DAY)));

        clock.advance(Duration.ofHours(20));
        assertThat(consume(idle).resetsIn()).as("a rejection moves nothing").isEqualTo(Duration.ofHours(4));
        clock.advance(Duration.ofHours(4));
        assertThat(consume(idle)).isEqualTo(new Allowed(usage(1, 0, 0, 2, now().plus(DAY), DAY)));
    }

    @ParameterizedTest
    @CsvSource({
        "2027-01-15T08:00:00Z, UTC, 2027-01-16T00:00:00Z",
        "2027-01-15T23:30:00Z, Europe/Berlin, 2027-01-16T23:00:00Z",
        // Clocks go forward: the day has 23 hours; back: 25.
        "2027-03-27T23:00:00Z, Europe/Berlin, 2027-03-28T22:00:00Z",
        "2027-10-30T22:00:00Z, Europe/Berlin, 2027-10-31T23:00:00Z",
        // Midnight itself does not exist, in Beirut in 2021.
        "2021-03-27T12:00:00Z, Asia/Beirut, 2021-03-27T22:00:00Z",
        // The 30th of December 2011 does not exist in Samoa.
        "2011-12-30T09:59:59Z, Pacific/Apia, 2011-12-30T10:00:00Z",
        "2011-12-30T10:00:00Z, Pacific/Apia, 2011-12-31T10:00:00Z",
        "2027-01-15T08:00:00Z, Pacific/Kiritimati, 2027-01-15T10:00:00Z",
        "2027-01-15T11:59:59Z, Etc/GMT+12, 2027-01-15T12:00:00Z"
    })
    void a_calendar_day_ends_when_it_ends_in_its_zone(Instant from, String zone, Instant end) {
        Budget daily = THREE.withWindow(new Window.CalendarDay(ZoneId.of(zone)));
        clock.set(Counters.micros(from));

        consume(daily);
        consume(daily);
        consume(daily);
        assertThat(consume(daily)).isInstanceOf(Exhausted.class);
        assertThat(budgets.usage(daily, ALICE).resetsAt()).isEqualTo(end);
        clock.set(Counters.micros(end) - 1);
        assertThat(consume(daily).resetsIn()).isEqualTo(Duration.ofNanos(1_000));
        clock.set(Counters.micros(end));
        assertThat(consume(daily).remaining()).isEqualTo(2);
    }

    @Test
    void rejections_are_counted_apart_and_change_nothing_else() {
        LongStream.range(0, 3).forEach(i -> consume(THREE));
        Usage before = budgets.usage(THREE, ALICE);

        LongStream.range(0, 5).forEach(i -> consume(THREE));
        Usage after = budgets.usage(THREE, ALICE);
        assertThat(after.rejected()).isEqualTo(5);
        assertThat(after.count()).isEqualTo(before.count());
        assertThat(after.resetsAt()).isEqualTo(before.resetsAt());
    }

    @Test
    void with_a_limit_of_nothing_all_are_rejected_and_forgotten_a_window_later() {
        Budget none = Budget.of("messages", 0, DAY);
        consume(none);
        clock.advance(Duration.ofHours(1));
        assertThat(consume(none))
                .isEqualTo(new Exhausted(
                        new Usage(ALICE, 0, 0, 2, 0, 0, now().plus(Duration.ofHours(23)), Duration.ofHours(23), true)));
        clock.advance(Duration.ofHours(23));
        assertThat(budgets.usage(none, ALICE).rejected()).isZero();
    }

    static Stream<BudgetUser> whitelisted() {
        return Stream.of(
                BudgetUser.of(7),
                BudgetUser.of(8, "alice_b"),
                BudgetUser.of(8, " @Alice_B "),
                BudgetUser.of(8, "@ALICE_B"));
    }

    @ParameterizedTest
    @MethodSource("whitelisted")
    void who_is_on_the_whitelist_is_counted_and_passes_all_the_same(BudgetUser user) {
        Budget budget = THREE.withWhitelist(Whitelist.of(List.of("7", " @aLICE_b")));

        for (int i = 1; i <= 5; i++) {
            Consumption answer = budgets.consume(budget, user);
            assertThat(answer).isInstanceOf(Exempt.class);
            assertThat(answer.usage().count()).isEqualTo(i);
            assertThat(answer.remaining()).isEqualTo(Math.max(0, 3 - i));
            assertThat(answer.resetsIn()).isEqualTo(DAY);
        }
        assertThat(budgets.usage(budget, user.id()).rejected()).isZero();
        assertThat(budgets.consume(budget, BudgetUser.of(9, "alice"))).isInstanceOf(Allowed.class);
        assertThat(budgets.consume(THREE, user))
                .as("no longer on the whitelist")
                .isInstanceOf(Exhausted.class);
    }

    @Test
    void a_grant_lets_more_pass_within_the_present_window() {
        Instant end = now().plus(DAY);
        LongStream.range(0, 4).forEach(i -> consume(THREE));
        clock.advance(Duration.ofHours(1));

        assertThat(budgets.grant(THREE, ALICE, 2)).isEqualTo(usage(3, 1, 2, 2, end, Duration.ofHours(23)));
        assertThat(budgets.grant(THREE, ALICE, 1).remaining()).isEqualTo(3);
        assertThat(LongStream.range(0, 5).filter(i -> consume(THREE).passes()).count())
                .isEqualTo(3);
        clock.advance(Duration.ofHours(23));
        assertThat(consume(THREE)).isEqualTo(new Allowed(usage(1, 0, 0, 2, now().plus(DAY), DAY)));
    }

    @Test
    void a_grant_before_the_first_message_goes_into_the_window_that_it_begins() {
        budgets.grant(THREE, ALICE, 2);
        clock.advance(Duration.ofHours(23));

        assertThat(consume(THREE)).isEqualTo(new Allowed(usage(1, 0, 2, 4, now().plus(DAY), DAY)));
    }

    @Test
    void a_grant_that_nobody_uses_is_gone_a_windows_length_later() {
        budgets.grant(THREE, ALICE, 2);
        clock.advance(DAY);

        assertThat(budgets.usage(THREE, ALICE)).isEqualTo(usage(0, 0, 0, 3, now(), Duration.ZERO));
        assertThat(consume(THREE).remaining()).isEqualTo(2);
    }

    @Test
    void a_grant_of_today_is_for_today() {
        Budget daily = THREE.withWindow(new Window.CalendarDay(ZoneId.of("Europe/Berlin")));
        clock.set(Counters.micros(Instant.parse("2027-01-15T22:59:59Z")));
        assertThat(budgets.grant(daily, ALICE, 2).resetsIn()).isEqualTo(Duration.ofSeconds(1));
        clock.advance(Duration.ofSeconds(1));

        assertThat(consume(daily).remaining()).isEqualTo(2);
    }

    @Test
    void all_that_is_granted_has_a_bound() {
        budgets.grant(THREE, ALICE, Budget.MOST);

        assertThat(budgets.grant(THREE, ALICE, Budget.MOST).bonus()).isEqualTo(Budget.MOST);
        assertThat(consume(THREE).remaining()).isEqualTo(Budget.MOST + 2);
    }

    @Test
    void a_reset_forgets_everything_of_one_user() {
        LongStream.range(0, 4).forEach(i -> consume(THREE));
        budgets.grant(THREE, ALICE, 1);
        budgets.consume(THREE, BudgetUser.of(BOB));

        assertThat(budgets.reset(THREE, ALICE)).isTrue();
        assertThat(budgets.reset(THREE, ALICE)).isFalse();
        assertThat(budgets.usage(THREE, ALICE)).isEqualTo(usage(0, 0, 0, 3, now(), Duration.ZERO));
        assertThat(budgets.usage(THREE, BOB).count()).isEqualTo(1);
    }

    @Test
    void budgets_of_other_names_do_not_touch_each_other() {
        Budget photos = Budget.of("photos", 1, DAY);
        consume(photos);

        assertThat(consume(THREE).remaining()).isEqualTo(2);
        assertThat(consume(photos)).isInstanceOf(Exhausted.class);
        assertThat(budgets.reset(photos, ALICE)).isTrue();
        assertThat(budgets.usage(THREE, ALICE).count()).isEqualTo(1);
    }

    @Test
    void a_clock_that_jumps_back_keeps_nobody_out_for_longer_than_a_window() {
        LongStream.range(0, 3).forEach(i -> consume(THREE));
        clock.advance(Duration.ofDays(-10));

        assertThat(consume(THREE)).isEqualTo(new Exhausted(usage(3, 1, 0, 0, now().plus(DAY), DAY)));
        clock.advance(DAY);
        assertThat(consume(THREE)).isInstanceOf(Allowed.class);
    }

    @Test
    void a_window_that_was_made_shorter_ends_sooner_and_one_that_was_made_longer_ends_as_it_began() {
        LongStream.range(0, 3).forEach(i -> consume(THREE));
        assertThat(consume(Budget.of("messages", 3, Duration.ofHours(1))).resetsIn())
                .isEqualTo(Duration.ofHours(1));
        assertThat(consume(Budget.of("messages", 3, Duration.ofDays(7))).resetsIn())
                .isEqualTo(Duration.ofHours(1));
        clock.set(Counters.micros(Instant.parse("2027-01-20T23:50:00Z")));
        consume(THREE);
        Budget daily = THREE.withWindow(new Window.CalendarDay(ZoneId.of("UTC")));
        assertThat(consume(daily))
                .isEqualTo(
                        new Allowed(usage(2, 0, 0, 1, Instant.parse("2027-01-21T00:00:00Z"), Duration.ofMinutes(10))));
    }

    @Test
    void a_window_that_was_made_shorter_is_shown_shorter_and_ends_by_the_next_message() {
        consume(THREE);
        Budget hour = Budget.of("messages", 3, Duration.ofHours(1));
        assertThat(budgets.usage(hour, ALICE).resetsIn()).isEqualTo(Duration.ofHours(1));
        assertThat(scan(hour, 10)).extracting(Usage::resetsIn).containsExactly(Duration.ofHours(1));
        clock.advance(Duration.ofMinutes(90));
        assertThat(budgets.usage(hour, ALICE).count())
                .as("looking changed nothing")
                .isEqualTo(1);
        assertThat(budgets.usage(THREE, ALICE).resetsIn()).isEqualTo(DAY.minusMinutes(90));

        assertThat(consume(hour).usage().count()).isEqualTo(2);
        clock.advance(Duration.ofHours(1));
        assertThat(budgets.usage(THREE, ALICE).count()).isZero();
    }

    @Test
    void what_passed_without_the_store_counts_in_the_window_in_which_it_passed() {
        var shared = (SharedBudgets) budgets;
        Duration left = Duration.ofHours(20);
        assertThat(shared.add(THREE, ALICE, 2, left)).isEqualTo(usage(2, 0, 0, 1, now().plus(left), left));
        consume(THREE);
        assertThat(consume(THREE)).isInstanceOf(Exhausted.class);
        assertThat(shared.add(THREE, ALICE, 5, DAY).resetsIn())
                .as("theirs began later")
                .isEqualTo(left);
        assertThat(shared.add(THREE, ALICE, 1, Duration.ofHours(19)))
                .as("theirs began sooner")
                .isEqualTo(usage(9, 1, 0, 0, now().plus(Duration.ofHours(19)), Duration.ofHours(19)));
        clock.advance(Duration.ofHours(19));
        assertThat(consume(THREE).usage().count()).isEqualTo(1);
    }

    @Test
    void what_passed_without_the_store_counts_before_the_next_message_in_the_same_step() {
        var shared = (SharedBudgets) budgets;
        Duration left = Duration.ofHours(20);
        Instant end = now().plus(left);
        assertThat(shared.addAndConsume(THREE, BudgetUser.of(ALICE), 2, left))
                .isEqualTo(new Allowed(usage(3, 0, 0, 0, end, left)));
        assertThat(shared.addAndConsume(THREE, BudgetUser.of(ALICE), 2, DAY))
                .isEqualTo(new Exhausted(usage(5, 1, 0, 0, end, left)));
        assertThat(shared.addAndConsume(THREE.withWhitelist(Whitelist.of(List.of("42"))), BudgetUser.of(ALICE), 1, DAY))
                .isInstanceOf(Exempt.class);
        assertThat(budgets.usage(THREE, ALICE).count()).isEqualTo(7);
    }

    @Test
    void of_an_idle_window_what_passed_last_tells_the_end() {
        Budget idle = THREE.withWindow(new Window.Idle(DAY));
        var shared = (SharedBudgets) budgets;
        assertThat(shared.add(idle, ALICE, 1, Duration.ofHours(20)).resetsIn()).isEqualTo(Duration.ofHours(20));
        assertThat(shared.add(idle, ALICE, 1, Duration.ofHours(22)).resetsIn()).isEqualTo(Duration.ofHours(22));
        assertThat(shared.add(idle, ALICE, 1, Duration.ofHours(2)).resetsIn()).isEqualTo(Duration.ofHours(22));
        assertThat(shared.add(idle, ALICE, 1, Duration.ofDays(9)).resetsIn()).isEqualTo(DAY);
    }

    @Test
    void what_passed_today_without_the_store_counts_until_the_day_ends_and_keeps_a_grant() {
        Budget daily = THREE.withWindow(new Window.CalendarDay(ZoneId.of("UTC")));
        clock.set(Counters.micros(Instant.parse("2027-01-15T20:00:00Z")));
        budgets.grant(daily, ALICE, 2);

        assertThat(((SharedBudgets) budgets).add(daily, ALICE, 4, Duration.ofHours(3)))
                .isEqualTo(usage(4, 0, 2, 1, Instant.parse("2027-01-16T00:00:00Z"), Duration.ofHours(4)));
    }

    @Test
    void a_limit_that_was_changed_holds_at_once() {
        LongStream.range(0, 3).forEach(i -> consume(THREE));

        assertThat(consume(Budget.of("messages", 5, DAY)).remaining()).isEqualTo(1);
        assertThat(budgets.usage(Budget.of("messages", 2, DAY), ALICE).remaining())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000})
    void a_scan_finds_each_user_of_its_budget_page_by_page(int about) {
        LongStream.rangeClosed(1, 50).forEach(user -> budgets.consume(THREE, BudgetUser.of(user)));
        budgets.consume(THREE, BudgetUser.of(Long.MAX_VALUE));
        budgets.consume(Budget.of("photos", 3, DAY), BudgetUser.of(99));
        budgets.grant(THREE, 50, 4);
        clock.advance(Duration.ofHours(1));

        List<Usage> found = scan(THREE, about);
        assertThat(found)
                .extracting(Usage::user)
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.concat(LongStream.rangeClosed(1, 50), LongStream.of(Long.MAX_VALUE))
                                .boxed()
                                .toList());
        assertThat(found).allSatisfy(usage -> assertThat(usage).isEqualTo(budgets.usage(THREE, usage.user())));
    }

    @Test
    void a_scan_leaves_out_what_has_ended() {
        budgets.consume(THREE, BudgetUser.of(1));
        clock.advance(Duration.ofHours(12));
        budgets.consume(THREE, BudgetUser.of(2));
        clock.advance(Duration.ofHours(12));

        assertThat(scan(THREE, 10)).extracting(Usage::user).containsExactly(2L);
    }

    @Test
    void of_many_callers_at_once_exactly_as_many_pass_as_there_is_room_for() throws Exception {
        var limit = Budget.of("messages", 30, DAY);
        var callers = new ArrayList<Callable<Consumption>>();
        for (int i = 0; i < 200; i++) {
            callers.add(() -> budgets.consume(limit, BudgetUser.of(ALICE)));
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long passed = 0;
            for (var call : threads.invokeAll(callers)) {
                passed += call.get().passes() ? 1 : 0;
            }
            assertThat(passed).isEqualTo(30);
        }
        assertThat(budgets.usage(limit, ALICE).rejected()).isEqualTo(170);
    }

    @Test
    void what_is_no_user_no_grant_no_page_and_no_cursor_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> budgets.usage(THREE, 0))
                .withMessageContaining("not 0");
        assertThatIllegalArgumentException().isThrownBy(() -> budgets.reset(THREE, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> budgets.grant(THREE, ALICE, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> budgets.grant(THREE, ALICE, Budget.MOST + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> budgets.scan(THREE, Budgets.START, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> budgets.scan(THREE, Budgets.START, 1_001));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> budgets.scan(THREE, "next", 1))
                .withMessageContaining("cursor");
    }

    List<Usage> scan(Budget budget, int about) {
        var found = new ArrayList<Usage>();
        Optional<String> cursor = Optional.of(Budgets.START);
        while (cursor.isPresent()) {
            BudgetPage page = budgets.scan(budget, cursor.get(), about);
            found.addAll(page.users());
            cursor = page.next();
        }
        return found;
    }

    Consumption consume(Budget budget) {
        return budgets.consume(budget, BudgetUser.of(ALICE));
    }

    private Instant now() {
        return Counters.instant(clock.getAsLong());
    }

    private static Usage usage(long count, long rejected, long bonus, long remaining, Instant end, Duration in) {
        return new Usage(ALICE, 3, count, rejected, bonus, remaining, end, in, true);
    }
}
