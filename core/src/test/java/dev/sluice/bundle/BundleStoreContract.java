package dev.sluice.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.bundle.BundleStore.Answer;
import dev.sluice.bundle.BundleStore.Claimed;
import dev.sluice.bundle.BundleStore.Held;
import dev.sluice.bundle.BundleStore.Incoming;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.bundle.BundleStore.Return;
import dev.sluice.limit.SettableMicros;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The steps of a bundle, by a clock that stands still until it is set; what every backend promises. */
abstract class BundleStoreContract {
    static final BotId BOT = new BotId(123_456);
    static final Duration QUIET = Duration.ofSeconds(1);
    static final Duration LEASE = Duration.ofSeconds(5);
    static final BundleSettings RULES = BundleSettings.DEFAULT
            .withQuiet(QUIET, QUIET)
            .withLongest(Duration.ofSeconds(2))
            .withMost(4, 100)
            .withMostFailures(3);

    final SettableMicros clock = new SettableMicros();
    final Conversation anna = Conversation.of(BOT, 11);
    final Conversation ben = Conversation.of(BOT, 12);

    abstract BundleStore store();

    private Answer says(Conversation who, long id) {
        return store().add(incoming(who, id, 10, false));
    }

    private Answer commands(Conversation who, long id) {
        return store().add(incoming(who, id, 10, true));
    }

    static Incoming incoming(Conversation who, long id, int size, boolean passes) {
        return new Incoming(who, id, size, passes, QUIET, ("content " + id).getBytes(UTF_8));
    }

    List<Leased> claim() {
        return store().claim(BOT, 32, LEASE).bundles();
    }

    private Leased claimOne() {
        List<Leased> claimed = claim();
        assertThat(claimed).hasSize(1);
        return claimed.getFirst();
    }

    static List<Long> ids(Leased leased) {
        return leased.messages().stream().map(Held::id).toList();
    }

    private List<Long> handleOne() {
        Leased leased = claimOne();
        assertThat(store().settle(leased.conversation(), leased.fence())).isTrue();
        return ids(leased);
    }

    private void quiet() {
        clock.advance(QUIET);
    }

    @Test
    void messages_within_the_quiet_window_are_one_bundle_that_is_due_when_it_is_over() {
        long first = clock.getAsLong();
        assertThat(says(anna, 1)).isEqualTo(new Answer.Added(first));
        clock.advance(Duration.ofMillis(600));
        says(anna, 2);
        clock.advance(QUIET.minus(1, ChronoUnit.MICROS));
        Claimed early = store().claim(BOT, 32, LEASE);
        assertThat(early.bundles()).isEmpty();
        assertThat(early.next()).contains(Duration.of(1, ChronoUnit.MICROS));
        clock.advanceMicros(1);
        Leased bundle = claimOne();
        assertThat(ids(bundle)).containsExactly(1L, 2L);
        assertThat(bundle.messages().getFirst().arrival()).isEqualTo(first);
        assertThat(new String(bundle.messages().getLast().content(), UTF_8)).isEqualTo("content 2");
    }

    @Test
    void what_comes_after_the_quiet_window_is_another_bundle_although_nobody_has_looked() {
        says(anna, 1);
        quiet();
        says(anna, 2);
        assertThat(handleOne()).containsExactly(1L);
        assertThat(claim()).isEmpty();
        quiet();
        assertThat(handleOne()).containsExactly(2L);
        assertThat(store().claim(BOT, 32, LEASE)).isEqualTo(new Claimed(List.of(), Optional.empty()));
    }

    @Test
    void somebody_who_never_stops_is_answered_after_the_longest_time() {
        for (int id = 1; id <= 3; id++) {
            assertThat(claim()).isEmpty();
            says(anna, id);
            clock.advance(Duration.ofMillis(900));
        }
        assertThat(handleOne()).as("2 s from the first on").containsExactly(1L, 2L, 3L);
        for (int id = 4; id <= 6; id++) {
            says(anna, id);
            clock.advance(Duration.ofMillis(700));
        }
        says(anna, 7);
        assertThat(handleOne()).as("also if nobody looked").containsExactly(4L, 5L, 6L);
    }

    @Test
    void a_bundle_that_is_full_by_count_or_size_is_due_at_once_and_one_too_many_begins_the_next() {
        for (int id = 1; id <= 5; id++) {
            says(anna, id);
        }
        assertThat(handleOne()).containsExactly(1L, 2L, 3L, 4L);
        store().add(incoming(anna, 6, 89, false));
        assertThat(claim()).as("99 of 100 bytes").isEmpty();
        store().add(incoming(anna, 7, 2, false));
        assertThat(handleOne()).containsExactly(5L, 6L);
        store().add(incoming(anna, 8, 1_000, false));
        assertThat(handleOne()).containsExactly(7L);
        assertThat(handleOne()).as("alone, and over").containsExactly(8L);
    }

    @Test
    void a_command_goes_at_once_and_what_was_before_it_goes_before_it() {
        says(anna, 1);
        says(anna, 2);
        commands(anna, 3);
        says(anna, 4);
        assertThat(handleOne()).containsExactly(1L, 2L);
        assertThat(handleOne()).containsExactly(3L);
        assertThat(claim()).isEmpty();
        quiet();
        assertThat(handleOne()).containsExactly(4L);
    }

    @Test
    void of_a_conversation_one_bundle_is_out_at_a_time_and_of_others_theirs() {
        commands(anna, 1);
        commands(anna, 2);
        commands(ben, 1);
        List<Leased> both = claim();
        assertThat(both).extracting(Leased::conversation).containsExactlyInAnyOrder(anna, ben);
        assertThat(claim()).isEmpty();
        for (Leased one : both) {
            assertThat(store().settle(one.conversation(), one.fence())).isTrue();
        }
        assertThat(handleOne()).containsExactly(2L);
    }

    @Test
    void people_of_one_chat_and_chats_of_one_person_and_bots_are_apart() {
        var group = new Conversation(BOT, -100_200, 11);
        var other = new Conversation(BOT, -100_200, 12);
        var otherBot = new Conversation(new BotId(99), 11, 11);
        for (Conversation who : List.of(anna, group, other, otherBot)) {
            commands(who, 1);
        }
        assertThat(claim()).extracting(Leased::conversation).containsExactlyInAnyOrder(anna, group, other);
        assertThat(store().claim(new BotId(99), 32, LEASE).bundles())
                .extracting(Leased::conversation)
                .containsExactly(otherBot);
    }

    @Test
    void a_repeat_changes_nothing_while_it_waits_and_shortly_after() {
        long first = clock.getAsLong();
        says(anna, 1);
        clock.advance(Duration.ofMillis(500));
        assertThat(says(anna, 1)).isEqualTo(new Answer.Duplicate(first));
        clock.advance(Duration.ofMillis(500));
        Leased leased = claimOne();
        assertThat(says(anna, 1)).isEqualTo(new Answer.Duplicate(first));
        store().settle(anna, leased.fence());
        assertThat(says(anna, 1)).isEqualTo(new Answer.Duplicate(first));
        quiet();
        assertThat(claim()).isEmpty();
    }

    @Test
    void a_bundle_whose_handler_died_is_handed_over_once_more_with_a_greater_fence() {
        commands(anna, 1);
        Leased first = claimOne();
        clock.advance(LEASE.minus(1, ChronoUnit.MICROS));
        assertThat(claim()).isEmpty();
        clock.advanceMicros(1);
        Leased second = claimOne();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(ids(second)).isEqualTo(ids(first));
        assertThat(second.fence()).isGreaterThan(first.fence());
        assertThat(claim()).isEmpty();
        assertThat(store().settle(anna, first.fence())).as("too late").isFalse();
        assertThat(store().renew(anna, first.fence(), LEASE)).isFalse();
        assertThat(store().putBack(anna, first.fence(), Duration.ZERO, true)).isEqualTo(Return.LOST);
        assertThat(store().settle(anna, second.fence())).isTrue();
        assertThat(store().settle(anna, second.fence()))
                .as("whose answer was lost")
                .isTrue();
        assertThat(claim()).isEmpty();
    }

    @Test
    void a_lease_that_is_renewed_goes_on_also_if_it_had_run_out_and_nobody_came() {
        commands(anna, 1);
        Leased leased = claimOne();
        clock.advance(Duration.ofSeconds(4));
        assertThat(store().renew(anna, leased.fence(), LEASE)).isTrue();
        clock.advance(Duration.ofSeconds(4));
        assertThat(claim()).isEmpty();
        clock.advance(Duration.ofSeconds(4));
        assertThat(store().renew(anna, leased.fence(), LEASE)).isTrue();
        assertThat(claim()).isEmpty();
        clock.advance(LEASE);
        assertThat(store().settle(anna, leased.fence())).isTrue();
        assertThat(claim()).isEmpty();
    }

    @Test
    void what_comes_while_a_bundle_is_out_is_in_the_next() {
        commands(anna, 1);
        Leased leased = claimOne();
        says(anna, 2);
        quiet();
        says(anna, 3);
        assertThat(claim()).isEmpty();
        store().settle(anna, leased.fence());
        assertThat(handleOne()).containsExactly(2L);
        quiet();
        assertThat(handleOne()).containsExactly(3L);
    }

    @Test
    void a_bundle_that_failed_comes_again_after_the_delay_before_what_is_behind_it_and_is_given_up_at_last() {
        commands(anna, 1);
        commands(anna, 2);
        for (int failures = 0; failures < 2; failures++) {
            Leased leased = claimOne();
            assertThat(leased.failures()).isEqualTo(failures);
            assertThat(store().putBack(anna, leased.fence(), QUIET, true)).isEqualTo(Return.BACK);
            assertThat(store().settle(anna, leased.fence())).isFalse();
            assertThat(claim()).isEmpty();
            quiet();
        }
        Leased released = claimOne();
        assertThat(store().putBack(anna, released.fence(), Duration.ZERO, false))
                .as("no failure")
                .isEqualTo(Return.BACK);
        Leased last = claimOne();
        assertThat(last.failures()).isEqualTo(2);
        assertThat(store().putBack(anna, last.fence(), QUIET, true)).isEqualTo(Return.GIVEN_UP);
        assertThat(handleOne()).containsExactly(2L);
    }

    @Test
    void what_comes_during_the_delay_of_a_bundle_that_failed_does_not_shorten_it() {
        commands(anna, 1);
        Leased leased = claimOne();
        assertThat(store().putBack(anna, leased.fence(), QUIET, true)).isEqualTo(Return.BACK);
        clock.advance(Duration.ofMillis(500));
        commands(anna, 2);
        assertThat(claim()).isEmpty();
        clock.advance(Duration.ofMillis(500));
        assertThat(handleOne()).containsExactly(1L);
    }

    @Test
    void whoever_waits_hears_of_what_is_due_earlier_than_anything_before() throws Exception {
        var heard = new CopyOnWriteArrayList<BotId>();
        try (var subscription = store().listen(heard::add)) {
            await().atMost(Duration.ofSeconds(30)).until(subscription::isLive);
            says(anna, 1);
            await().atMost(Duration.ofSeconds(30)).until(() -> heard.size() == 1);
            clock.advance(Duration.ofMillis(100));
            says(ben, 1);
            says(anna, 2);
            commands(ben, 2);
            await().atMost(Duration.ofSeconds(30)).until(() -> heard.size() == 2);
            assertThat(heard).containsOnly(BOT);
        }
    }

    @Test
    void what_a_person_said_can_be_forgotten_and_a_late_handler_brings_nothing_back() {
        commands(anna, 1);
        Leased leased = claimOne();
        says(anna, 2);
        assertThat(store().standing(BOT)).isEqualTo(new BundleStore.Standing(1, 0));
        assertThat(store().forget(anna)).isTrue();
        assertThat(store().forget(anna)).isFalse();
        assertThat(store().settle(anna, leased.fence())).isFalse();
        assertThat(store().renew(anna, leased.fence(), LEASE)).isFalse();
        assertThat(store().standing(BOT)).isEqualTo(new BundleStore.Standing(0, 0));
        quiet();
        assertThat(claim()).isEmpty();
    }

    @Test
    void all_chats_where_a_person_has_something_are_found() {
        var here = new Conversation(BOT, -100_200, 11);
        var other = new Conversation(BOT, -100_200, 111);
        for (Conversation who : List.of(anna, ben, here, other)) {
            says(who, 1);
        }
        assertThat(store().conversations(BOT, 11)).containsExactlyInAnyOrder(anna, here);
        store().forget(here);
        assertThat(store().conversations(BOT, 11)).containsExactly(anna);
        assertThat(store().conversations(new BotId(99), 11)).isEmpty();
        assertThat(store().conversations(11)).contains(anna);
        assertThat(store().conversations(99)).isEmpty();
    }

    @Test
    void fences_and_numbers_grow_however_fast_messages_come() {
        var numbers = new ArrayList<Long>();
        var fences = new ArrayList<Long>();
        for (int id = 1; id <= 5; id++) {
            commands(anna, id);
        }
        for (int i = 0; i < 5; i++) {
            Leased leased = claimOne();
            numbers.add(leased.id().number());
            fences.add(leased.fence());
            store().settle(anna, leased.fence());
        }
        assertThat(numbers).isSorted().doesNotHaveDuplicates();
        assertThat(fences).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void of_many_who_add_and_take_at_once_each_message_is_handed_over_exactly_once() throws Exception {
        int people = 16;
        int each = 20;
        var handed = new CopyOnWriteArrayList<String>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var adding = new ArrayList<Callable<Integer>>();
            for (int person = 1; person <= people; person++) {
                Conversation who = Conversation.of(BOT, person);
                adding.add(() -> {
                    for (int id = 1; id <= each; id++) {
                        assertThat(says(who, id)).isInstanceOf(Answer.Added.class);
                        assertThat(says(who, id)).isInstanceOf(Answer.Duplicate.class);
                    }
                    return each;
                });
            }
            for (int taker = 0; taker < 4; taker++) {
                adding.add(() -> {
                    for (int i = 0; i < 20; i++) {
                        take(handed);
                    }
                    return 0;
                });
            }
            for (Future<Integer> one : threads.invokeAll(adding)) {
                one.get();
            }
        }
        quiet();
        for (int left = 1; left > 0; ) {
            left = take(handed);
        }
        assertThat(handed).hasSize(people * each);
        assertThat(new HashSet<>(handed)).hasSize(people * each);
    }

    private int take(List<String> handed) {
        List<Leased> taken = claim();
        for (Leased leased : taken) {
            ids(leased).forEach(id -> handed.add(leased.conversation().name() + " " + id));
            assertThat(store().settle(leased.conversation(), leased.fence())).isTrue();
        }
        return taken.size();
    }
}
