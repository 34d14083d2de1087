package dev.sluice.bundle;

import static dev.sluice.bundle.BundleStoreContract.BOT;
import static dev.sluice.bundle.BundleStoreContract.LEASE;
import static dev.sluice.bundle.BundleStoreContract.ids;
import static dev.sluice.bundle.BundleStoreContract.incoming;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bundle.AsideBundle.Reason;
import dev.sluice.bundle.AsideBundles.Requeue;
import dev.sluice.bundle.BundleStore.Answer;
import dev.sluice.bundle.BundleStore.Aside;
import dev.sluice.bundle.BundleStore.Claimed;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.bundle.BundleStore.Return;
import dev.sluice.limit.SettableMicros;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles that kill whoever handles them, by a clock that stands still until it is set; what every backend promises. */
abstract class AsideBundlesContract {
    /** Of leases that ran out. */
    static final int MOST_LOST = 3;

    static final BundleSettings RULES = BundleStoreContract.RULES.withMostLost(MOST_LOST);

    final SettableMicros clock = new SettableMicros();
    final Conversation anna = Conversation.of(BOT, 11);
    final Conversation ben = Conversation.of(BOT, 12);

    /** The same one for the same rules. */
    abstract BundleStore store(BundleSettings rules);

    BundleStore store() {
        return store(RULES);
    }

    Answer commands(Conversation who, long id) {
        return store().add(incoming(who, id, 10, true));
    }

    Claimed claimed() {
        return store().claim(BOT, 32, LEASE);
    }

    List<Leased> claim() {
        return claimed().bundles();
    }

    List<AsideBundle> aside() {
        return store().aside(BOT, 0, 100);
    }

    /** Whoever takes something dies. */
    private void dies() {
        claim();
        clock.advance(LEASE);
    }

    BundleId setAside(Conversation who, long id) {
        commands(who, id);
        for (int lease = 0; lease < MOST_LOST; lease++) {
            dies();
        }
        return claimed().aside().bundles().getFirst().id();
    }

    @Test
    void a_bundle_whose_leases_ran_out_so_often_is_set_aside_and_what_was_said_after_it_goes_on() {
        long number = clock.getAsLong();
        commands(anna, 1);
        for (int lease = 1; lease <= MOST_LOST; lease++) {
            assertThat(claimed().aside()).isEqualTo(Aside.NOTHING);
            commands(anna, 1L + lease);
            clock.advance(LEASE);
        }
        assertThat(aside()).isEmpty();
        Claimed next = claimed();
        var expected = new AsideBundle(
                new BundleId(anna, number), BundleSeals.instant(clock.getAsLong()), Reason.LOST, MOST_LOST, 0, 1);
        assertThat(next.aside()).isEqualTo(new Aside(List.of(expected), 0));
        assertThat(aside()).containsExactly(expected);
        assertThat(next.bundles()).singleElement().satisfies(leased -> {
            assertThat(ids(leased)).containsExactly(2L);
            assertThat(leased.failures()).isZero();
        });
        store().settle(anna, next.bundles().getFirst().fence());
        for (long id = 3; id <= 1 + MOST_LOST; id++) {
            Leased leased = claim().getFirst();
            assertThat(ids(leased)).containsExactly(id);
            store().settle(anna, leased.fence());
        }
        assertThat(claimed()).isEqualTo(new Claimed(List.of(), Optional.empty()));
        assertThat(store().standing(BOT)).isEqualTo(new BundleStore.Standing(0, 0));
        assertThat(commands(anna, 1)).as("it came before").isInstanceOf(Answer.Duplicate.class);
    }

    @Test
    void a_lease_that_ran_out_counts_only_when_somebody_else_is_handed_the_bundle() {
        commands(anna, 1);
        for (int lease = 0; lease < 2 * MOST_LOST; lease++) {
            Leased leased = claim().getFirst();
            clock.advance(LEASE);
            assertThat(store().renew(anna, leased.fence(), LEASE)).isTrue();
            clock.advance(LEASE);
            assertThat(store().putBack(anna, leased.fence(), Duration.ZERO, false))
                    .isEqualTo(Return.BACK);
        }
        assertThat(aside()).isEmpty();
        assertThat(claim()).hasSize(1);
    }

    @Test
    void bundles_that_are_given_back_or_handled_in_time_do_not_count_and_failures_count_for_themselves() {
        commands(anna, 1);
        dies();
        for (int stop = 0; stop < 3 * MOST_LOST; stop++) {
            Leased leased = claim().getFirst();
            assertThat(store().putBack(anna, leased.fence(), Duration.ZERO, false))
                    .isEqualTo(Return.BACK);
        }
        for (int failure = 1; failure < RULES.mostFailures(); failure++) {
            Leased leased = claim().getFirst();
            assertThat(store().putBack(anna, leased.fence(), Duration.ZERO, true))
                    .isEqualTo(Return.BACK);
        }
        dies();
        Leased last = claim().getFirst();
        assertThat(last.failures()).isEqualTo(RULES.mostFailures() - 1);
        store().settle(anna, last.fence());
        commands(anna, 2);
        dies();
        dies();
        Leased next = claim().getFirst();
        assertThat(ids(next)).as("the next bundle begins anew").containsExactly(2L);
        assertThat(store().settle(anna, next.fence())).isTrue();
        assertThat(aside()).isEmpty();
    }

    @Test
    void a_bundle_that_failed_and_killed_shows_both() {
        commands(anna, 1);
        dies();
        dies();
        Leased leased = claim().getFirst();
        store().putBack(anna, leased.fence(), Duration.ZERO, true);
        dies();
        assertThat(claimed().aside().bundles()).singleElement().satisfies(bundle -> {
            assertThat(bundle.lost()).isEqualTo(MOST_LOST);
            assertThat(bundle.failures()).isEqualTo(1);
        });
    }

    @Test
    void whoever_is_late_settles_renews_and_puts_back_nothing_that_is_set_aside() {
        commands(anna, 1);
        dies();
        dies();
        Leased late = claim().getFirst();
        clock.advance(LEASE);
        claim();
        assertThat(store().settle(anna, late.fence())).isFalse();
        assertThat(store().renew(anna, late.fence(), LEASE)).isFalse();
        assertThat(store().putBack(anna, late.fence(), Duration.ZERO, true)).isEqualTo(Return.LOST);
        assertThat(store().setAside(anna, late.fence())).isEqualTo(Aside.NOTHING);
        assertThat(aside()).hasSize(1);
        commands(anna, 2);
        assertThat(claim().getFirst().fence()).isGreaterThan(late.fence());
    }

    @Test
    void of_zero_nothing_is_ever_set_aside_and_of_one_the_first_loss_is_enough() {
        BundleStore patient = store(RULES.withMostLost(0));
        patient.add(incoming(anna, 1, 10, true));
        for (int lease = 0; lease < 20; lease++) {
            assertThat(patient.claim(BOT, 32, LEASE).bundles()).hasSize(1);
            clock.advance(LEASE);
        }
        Leased last = patient.claim(BOT, 32, LEASE).bundles().getFirst();
        patient.settle(anna, last.fence());

        BundleStore strict = store(RULES.withMostLost(1));
        strict.add(incoming(anna, 2, 10, true));
        strict.add(incoming(ben, 2, 10, true));
        assertThat(strict.claim(BOT, 32, LEASE).bundles()).hasSize(2);
        clock.advance(LEASE);
        assertThat(strict.claim(BOT, 32, LEASE).aside().bundles()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"5", "3 5", "1 2 8"})
    void of_those_that_some_killed_with_them_only_these_are_set_aside(String killing) {
        int people = 8;
        var handled = new HashMap<Conversation, Integer>();
        for (int person = 1; person <= people; person++) {
            commands(Conversation.of(BOT, person), 1);
        }
        List<Conversation> killers = Stream.of(killing.split(" "))
                .map(user -> Conversation.of(BOT, Long.parseLong(user)))
                .toList();
        // One process after the other has all that it may, and dies of one of them before it has handled any.
        for (int process = 0; process < 200 && store().standing(BOT).people() > 0; process++) {
            List<Leased> taken = claim();
            if (taken.stream().map(Leased::conversation).noneMatch(killers::contains)) {
                for (Leased leased : taken) {
                    handled.merge(leased.conversation(), 1, Integer::sum);
                    assertThat(store().settle(leased.conversation(), leased.fence()))
                            .isTrue();
                }
            }
            clock.advance(Duration.ofSeconds(1));
        }
        assertThat(aside())
                .extracting(bundle -> bundle.id().conversation())
                .containsExactlyInAnyOrderElementsOf(killers);
        assertThat(handled).hasSize(people - killers.size()).doesNotContainKeys(killers.toArray(Conversation[]::new));
        assertThat(handled.values()).containsOnly(1);
    }

    @Test
    void whoever_waits_for_another_s_last_lease_is_next_when_that_ends_early() {
        commands(anna, 1);
        commands(ben, 1);
        for (int lease = 1; lease < MOST_LOST; lease++) {
            assertThat(claim()).hasSize(2);
            clock.advance(LEASE);
        }
        Claimed alone = claimed();
        assertThat(alone.bundles()).hasSize(1);
        assertThat(alone.next()).contains(Duration.ofSeconds(1));
        Leased first = alone.bundles().getFirst();
        clock.advance(Duration.ofSeconds(1));
        assertThat(claim()).as("it goes on").isEmpty();
        store().settle(first.conversation(), first.fence());
        clock.advance(Duration.ofSeconds(1));
        Leased second = claim().getFirst();
        assertThat(second.conversation()).isNotEqualTo(first.conversation());
        assertThat(store().settle(second.conversation(), second.fence())).isTrue();
        assertThat(aside()).isEmpty();
    }

    @Test
    void a_last_lease_that_is_given_back_keeps_nobody_waiting() {
        commands(anna, 1);
        commands(ben, 1);
        for (int lease = 1; lease < MOST_LOST; lease++) {
            dies();
        }
        Leased first = claim().getFirst();
        clock.advance(Duration.ofSeconds(1));
        assertThat(claim()).isEmpty();
        assertThat(store().putBack(first.conversation(), first.fence(), Duration.ofMinutes(1), false))
                .isEqualTo(Return.BACK);
        clock.advance(Duration.ofSeconds(1));
        assertThat(claim())
                .singleElement()
                .satisfies(second -> assertThat(second.conversation()).isNotEqualTo(first.conversation()));
    }

    @Test
    void what_is_handed_over_again_behind_another_has_its_own_messages() {
        store().add(incoming(anna, 1, 10, false));
        store().add(incoming(anna, 2, 10, false));
        clock.advance(BundleStoreContract.QUIET);
        for (int lease = 0; lease < MOST_LOST; lease++) {
            dies();
        }
        BundleId id = claimed().aside().bundles().getFirst().id();
        commands(anna, 3);
        Leased out = claim().getFirst();
        assertThat(store().requeue(id).answer()).isEqualTo(Requeue.BACK);
        assertThat(store().settle(anna, out.fence())).isTrue();
        assertThat(ids(claim().getFirst())).containsExactly(1L, 2L);
    }

    @Test
    void people_of_other_bots_do_not_wait_for_each_other_s_last_leases() {
        var other = Conversation.of(new BotId(99), 11);
        commands(anna, 1);
        commands(other, 1);
        for (int lease = 1; lease < MOST_LOST; lease++) {
            assertThat(claim()).hasSize(1);
            assertThat(store().claim(other.bot(), 32, LEASE).bundles()).hasSize(1);
            clock.advance(LEASE);
        }
        assertThat(claim()).hasSize(1);
        assertThat(store().claim(other.bot(), 32, LEASE).bundles()).hasSize(1);
    }

    @Test
    void what_is_set_aside_can_be_handed_over_again_before_what_waits_as_if_it_never_had_been() {
        BundleId id = setAside(anna, 1);
        commands(anna, 2);
        commands(anna, 3);
        assertThat(store().requeue(id).answer()).isEqualTo(Requeue.BACK);
        assertThat(aside()).isEmpty();
        assertThat(store().requeue(id).answer()).isEqualTo(Requeue.GONE);
        assertThat(commands(anna, 1)).isInstanceOf(Answer.Duplicate.class);
        for (int lease = 1; lease < MOST_LOST; lease++) {
            dies();
        }
        for (long expected = 1; expected <= 3; expected++) {
            Leased leased = claim().getFirst();
            assertThat(ids(leased)).containsExactly(expected);
            if (expected == 1) {
                assertThat(leased.id()).isEqualTo(id);
            }
            assertThat(store().settle(anna, leased.fence())).isTrue();
        }
        assertThat(claim()).isEmpty();
    }

    @Test
    void several_that_are_handed_over_again_are_in_the_order_in_which_they_were_said_whichever_is_first() {
        for (boolean known : List.of(true, false)) {
            var said = new ArrayList<BundleId>();
            for (long id = 1; id <= 4; id++) {
                said.add(setAside(anna, id));
            }
            if (!known) {
                clock.advance(RULES.remembered().plusSeconds(1));
            }
            commands(anna, 5);
            for (int each : new int[] {1, 0, 3, 2}) {
                assertThat(store().requeue(said.get(each)).answer()).isEqualTo(Requeue.BACK);
            }
            var order = new ArrayList<Long>();
            for (int i = 0; i < 5; i++) {
                Leased leased = claim().getFirst();
                order.addAll(ids(leased));
                assertThat(store().settle(anna, leased.fence())).isTrue();
            }
            assertThat(order).containsExactly(1L, 2L, 3L, 4L, 5L);
            assertThat(store().forget(anna)).isTrue();
        }
    }

    @Test
    void several_that_are_handed_over_again_behind_what_is_out_are_in_order_too() {
        BundleId first = setAside(anna, 1);
        BundleId second = setAside(anna, 2);
        commands(anna, 3);
        commands(anna, 4);
        Leased out = claim().getFirst();
        assertThat(store().requeue(first).answer()).isEqualTo(Requeue.BACK);
        assertThat(store().requeue(second).answer()).isEqualTo(Requeue.BACK);
        assertThat(store().settle(anna, out.fence())).isTrue();
        for (long expected : new long[] {1, 2, 4}) {
            Leased leased = claim().getFirst();
            assertThat(ids(leased)).containsExactly(expected);
            assertThat(store().settle(anna, leased.fence())).isTrue();
        }
    }

    @Test
    void what_is_handed_over_again_waits_for_what_is_out_or_has_failed() {
        BundleId first = setAside(anna, 1);
        commands(anna, 2);
        commands(anna, 3);
        Leased out = claim().getFirst();
        assertThat(store().requeue(first).answer()).isEqualTo(Requeue.BACK);
        assertThat(claim()).isEmpty();
        assertThat(store().putBack(anna, out.fence(), Duration.ofMillis(700), true))
                .isEqualTo(Return.BACK);
        clock.advance(Duration.ofMillis(699));
        assertThat(claim()).isEmpty();
        clock.advance(Duration.ofMillis(1));
        var order = new ArrayList<Long>();
        for (int i = 0; i < 3; i++) {
            Leased leased = claim().getFirst();
            order.addAll(ids(leased));
            store().settle(anna, leased.fence());
        }
        assertThat(order).containsExactly(2L, 1L, 3L);
    }

    @Test
    void what_is_handed_over_again_of_somebody_who_is_not_known_any_more_is_told_from_repeats() {
        BundleId id = setAside(anna, 1);
        clock.advance(RULES.remembered().plusSeconds(1));
        assertThat(store().requeue(id).answer()).isEqualTo(Requeue.BACK);
        assertThat(commands(anna, 1)).isInstanceOf(Answer.Duplicate.class);
        assertThat(claim())
                .singleElement()
                .satisfies(leased -> assertThat(leased.id()).isEqualTo(id));
    }

    @Test
    void a_repeat_of_what_is_set_aside_is_known_as_long_as_it_is_kept() {
        setAside(anna, 1);
        clock.advance(RULES.remembered().plusSeconds(1));
        commands(ben, 1);
        assertThat(commands(anna, 1)).isInstanceOf(Answer.Duplicate.class);
        commands(anna, 2);
        assertThat(store().settle(anna, claimOf(anna).fence())).isTrue();
        clock.advance(RULES.kept().minus(RULES.remembered()).minus(LEASE.multipliedBy(MOST_LOST)));
        commands(ben, 2);
        assertThat(commands(anna, 1)).isInstanceOf(Answer.Duplicate.class);
        assertThat(aside()).hasSize(1);
    }

    private Leased claimOf(Conversation who) {
        return claim().stream()
                .filter(leased -> leased.conversation().equals(who))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void what_collects_is_left_to_collect_when_something_is_handed_over_again() {
        BundleId id = setAside(anna, 1);
        store().add(incoming(anna, 2, 10, false));
        assertThat(store().requeue(id).answer()).isEqualTo(Requeue.BACK);
        store().add(incoming(anna, 3, 10, false));
        Leased again = claim().getFirst();
        assertThat(ids(again)).containsExactly(1L);
        store().settle(anna, again.fence());
        clock.advance(BundleStoreContract.QUIET);
        assertThat(ids(claim().getFirst())).containsExactly(2L, 3L);
    }

    @Test
    void there_must_be_room_for_what_is_handed_over_again() {
        BundleId id = setAside(anna, 1);
        for (long message = 2; commands(anna, message) instanceof Answer.Added; message++) {
            assertThat(message).isLessThanOrEqualTo(BundleSettings.ROOM + 1L);
        }
        assertThat(store().requeue(id).answer()).isEqualTo(Requeue.FULL);
        assertThat(aside()).hasSize(1);
        Leased leased = claim().getFirst();
        store().settle(anna, leased.fence());
        assertThat(store().requeue(id).answer()).isEqualTo(Requeue.BACK);
    }

    @Test
    void what_is_set_aside_can_be_dropped() {
        BundleId id = setAside(anna, 1);
        assertThat(store().drop(new BundleId(ben, id.number()))).isFalse();
        assertThat(store().drop(new BundleId(anna, id.number() + 1))).isFalse();
        var anotherBots = new BundleId(Conversation.of(new BotId(99), 11), id.number());
        assertThat(store().drop(anotherBots)).isFalse();
        assertThat(store().requeue(anotherBots).answer()).isEqualTo(Requeue.GONE);
        assertThat(store().drop(id)).isTrue();
        assertThat(store().drop(id)).isFalse();
        assertThat(store().requeue(id).answer()).isEqualTo(Requeue.GONE);
        assertThat(aside()).isEmpty();
        assertThat(claim()).isEmpty();
    }

    @Test
    void however_many_hand_it_over_again_drop_or_forget_it_at_once_one_does() throws Exception {
        for (int round = 1; round <= 10; round++) {
            BundleId id = setAside(anna, round);
            var back = new AtomicInteger();
            var gone = new AtomicInteger();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int each = 0; each < 6; each++) {
                    threads.submit(() -> {
                        if (store().requeue(id).answer() == Requeue.BACK) {
                            back.incrementAndGet();
                        }
                    });
                    threads.submit(() -> {
                        if (store().drop(id)) {
                            gone.incrementAndGet();
                        }
                    });
                }
            }
            assertThat(back.get() + gone.get()).isEqualTo(1);
            assertThat(aside()).isEmpty();
            List<Leased> leased = claim();
            assertThat(leased).hasSize(back.get());
            leased.forEach(one -> assertThat(store().settle(anna, one.fence())).isTrue());
        }
    }

    @Test
    void a_caller_who_is_merely_slow_loses_its_leases_and_in_the_end_the_bundle_but_nothing_that_came_after() {
        commands(anna, 1);
        commands(anna, 2);
        for (int lease = 0; lease < MOST_LOST; lease++) {
            Leased slow = claim().getFirst();
            assertThat(ids(slow)).containsExactly(1L);
            clock.advance(LEASE.plusSeconds(1));
            if (lease < MOST_LOST - 1) {
                Leased again = claim().getFirst();
                assertThat(store().settle(anna, slow.fence()))
                        .as("it is another's")
                        .isFalse();
                assertThat(store().putBack(anna, again.fence(), Duration.ZERO, false))
                        .isEqualTo(Return.BACK);
            }
        }
        Claimed next = claimed();
        assertThat(next.aside().bundles()).hasSize(1);
        assertThat(ids(next.bundles().getFirst())).containsExactly(2L);
    }

    @Test
    void they_are_counted_each_bot_s_its_own_as_long_as_they_are_kept() {
        assertThat(store().asideCount(BOT)).isZero();
        BundleId id = setAside(anna, 1);
        setAside(ben, 1);
        assertThat(store().asideCount(BOT)).isEqualTo(2);
        assertThat(store().asideCount(new BotId(99))).isZero();
        store().requeue(id);
        assertThat(store().asideCount(BOT)).isEqualTo(1);
        clock.advance(RULES.kept().plusSeconds(1));
        assertThat(store().asideCount(BOT)).isZero();
    }

    @Test
    void a_holder_can_set_aside_what_it_cannot_read() {
        commands(anna, 1);
        commands(anna, 2);
        Leased leased = claim().getFirst();
        Aside made = store().setAside(anna, leased.fence());
        assertThat(made.bundles()).singleElement().satisfies(bundle -> {
            assertThat(bundle.id()).isEqualTo(leased.id());
            assertThat(bundle.reason()).isEqualTo(Reason.UNREADABLE);
        });
        assertThat(store().setAside(anna, leased.fence())).isEqualTo(Aside.NOTHING);
        assertThat(store().settle(anna, leased.fence())).isFalse();
        assertThat(ids(claim().getFirst())).containsExactly(2L);
    }

    @Test
    void they_are_listed_page_by_page_the_oldest_first_each_bot_s_its_own() {
        var expected = new ArrayList<BundleId>();
        for (int person = 1; person <= 5; person++) {
            expected.add(setAside(Conversation.of(BOT, person), 1));
        }
        var listed = new ArrayList<BundleId>();
        long after = 0;
        while (true) {
            List<AsideBundle> page = store().aside(BOT, after, 2);
            page.forEach(bundle -> listed.add(bundle.id()));
            if (page.size() < 2) {
                break;
            }
            after = ChronoUnit.MICROS.between(Instant.EPOCH, page.getLast().at());
        }
        assertThat(listed).isEqualTo(expected);
        assertThat(store().aside(new BotId(99), 0, 100)).isEmpty();
    }

    @Test
    void those_of_one_moment_are_on_pages_of_their_own_too() {
        BundleStore strict = store(RULES.withMostLost(1));
        for (int person = 1; person <= 5; person++) {
            strict.add(incoming(Conversation.of(BOT, person), 1, 10, true));
        }
        strict.claim(BOT, 32, LEASE);
        clock.advance(LEASE);
        strict.claim(BOT, 32, LEASE);
        var listed = new ArrayList<Conversation>();
        long after = 0;
        for (int page = 0; page < 5; page++) {
            AsideBundle one = strict.aside(BOT, after, 1).getFirst();
            listed.add(one.id().conversation());
            after = ChronoUnit.MICROS.between(Instant.EPOCH, one.at());
        }
        assertThat(listed).doesNotHaveDuplicates().hasSize(5);
    }

    @Test
    void what_is_set_aside_is_forgotten_with_its_person_and_found_for_that() {
        BundleId hers = setAside(anna, 1);
        var group = new Conversation(BOT, -100_200, 11);
        setAside(group, 1);
        BundleId his = setAside(ben, 1);
        clock.advance(RULES.remembered().plusSeconds(1));
        assertThat(store().conversations(BOT, 11)).containsExactlyInAnyOrder(anna, group);
        assertThat(store().conversations(11)).containsExactlyInAnyOrder(anna, group);
        assertThat(store().forget(anna)).isTrue();
        assertThat(store().forget(anna)).isFalse();
        assertThat(store().requeue(hers).answer()).isEqualTo(Requeue.GONE);
        assertThat(aside()).extracting(bundle -> bundle.id().conversation()).containsExactly(group, ben);
        assertThat(store().requeue(his).answer()).isEqualTo(Requeue.BACK);
    }

    @Test
    void what_is_set_aside_is_kept_as_long_as_what_nobody_takes() {
        setAside(anna, 1);
        clock.advance(RULES.kept().minusSeconds(1));
        setAside(ben, 1);
        assertThat(aside()).as("not hers, after its lease ran out").hasSize(1);
        clock.advance(RULES.kept());
        setAside(anna, 2);
        assertThat(aside()).extracting(bundle -> bundle.id().conversation()).containsExactly(anna);
    }

    @Test
    void so_many_are_kept_of_a_bot_and_then_the_oldest_are_gone_and_told() {
        BundleStore strict = store(RULES.withMostLost(1));
        int most = InMemoryAside.MOST;
        Map<Conversation, Boolean> kept = new HashMap<>();
        int gone = 0;
        for (int round = 0; round < most / 20 + 1; round++) {
            for (int person = 1; person <= 20; person++) {
                strict.add(incoming(Conversation.of(BOT, person), round + 1, 10, true));
            }
            strict.claim(BOT, 32, LEASE);
            clock.advance(LEASE);
            gone += strict.claim(BOT, 32, LEASE).aside().gone();
        }
        assertThat(gone).isEqualTo(20);
        List<AsideBundle> all = strict.aside(BOT, 0, 2_000);
        assertThat(all).hasSize(most);
        all.forEach(bundle -> kept.put(bundle.id().conversation(), true));
        assertThat(kept).hasSize(20);
    }
}
