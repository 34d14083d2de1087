package dev.sluice.bundle;

import static dev.sluice.bundle.BundleStoreContract.BOT;
import static dev.sluice.bundle.BundleStoreContract.LEASE;
import static dev.sluice.bundle.BundleStoreContract.incoming;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bundle.BundleStore.Answer;
import dev.sluice.bundle.BundleStore.Incoming;
import dev.sluice.bundle.BundleStore.Leased;
import dev.sluice.limit.SettableMicros;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much there may be, and what a clock does that is set; what every backend promises. */
abstract class BundleBoundsContract {
    final SettableMicros clock = new SettableMicros();
    final Conversation anna = Conversation.of(BOT, 11);
    final Conversation ben = Conversation.of(BOT, 12);

    abstract BundleStore store();

    private Answer says(Conversation who, long id) {
        return store().add(incoming(who, id, 10, false));
    }

    private List<Leased> claim() {
        return store().claim(BOT, 32, LEASE).bundles();
    }

    @Test
    void a_person_has_room_for_so_many_and_others_are_not_held_up() {
        int taken = 0;
        while (says(anna, taken + 1) instanceof Answer.Added) {
            taken++;
        }
        assertThat(taken).isEqualTo(BundleSettings.ROOM);
        assertThat(says(anna, 1)).isInstanceOf(Answer.Duplicate.class);
        assertThat(says(ben, 1)).isInstanceOf(Answer.Added.class);
        handleFirstOf(anna);
        assertThat(says(anna, taken + 1)).isInstanceOf(Answer.Added.class);
    }

    private void handleFirstOf(Conversation who) {
        for (Leased leased : claim()) {
            if (leased.conversation().equals(who)) {
                store().settle(who, leased.fence());
            }
        }
    }

    @Test
    void a_person_has_room_for_so_many_bytes() {
        int size = BundleSettings.ROOM_BYTES / 4;
        for (int id = 1; id <= 4; id++) {
            assertThat(store().add(incoming(anna, id, size, false))).isInstanceOf(Answer.Added.class);
        }
        assertThat(store().add(incoming(anna, 5, 1, false))).isEqualTo(new Answer.Full());
        handleFirstOf(anna);
        assertThat(store().add(incoming(anna, 5, 1, false))).isInstanceOf(Answer.Added.class);
    }

    @Test
    void of_a_person_so_many_ids_are_known_the_last_ones() {
        for (int id = 1; id <= BundleSettings.IDS + 1; id++) {
            assertThat(store().add(incoming(anna, id, 10, true))).isInstanceOf(Answer.Added.class);
            clock.advanceMicros(1);
            handleFirstOf(anna);
        }
        assertThat(says(anna, 2)).isInstanceOf(Answer.Duplicate.class);
        assertThat(says(anna, BundleSettings.IDS + 1)).isInstanceOf(Answer.Duplicate.class);
        assertThat(says(anna, 1)).as("one too many").isInstanceOf(Answer.Added.class);
    }

    @Test
    void the_longest_time_of_what_is_collecting_counts_from_the_next_message_if_the_clock_was_set_back() {
        says(anna, 1);
        clock.set(clock.getAsLong() - Duration.ofHours(1).toNanos() / 1_000);
        store().add(new Incoming(anna, 2, 10, false, Duration.ofMinutes(1), new byte[1]));
        clock.advance(BundleStoreContract.RULES.longest());
        assertThat(claim())
                .singleElement()
                .satisfies(bundle -> assertThat(BundleStoreContract.ids(bundle)).containsExactly(1L, 2L));
    }

    @Test
    void numbers_and_fences_grow_although_the_clock_is_set_back() {
        store().add(incoming(anna, 1, 10, true));
        Leased first = claim().getFirst();
        clock.set(clock.getAsLong() - Duration.ofHours(1).toNanos() / 1_000);
        store().add(incoming(anna, 2, 10, true));
        assertThat(store().settle(anna, first.fence())).isTrue();
        Leased second = claim().getFirst();
        assertThat(second.id().number()).isGreaterThan(first.id().number());
        assertThat(second.fence()).isGreaterThan(first.fence());
    }

    @Test
    void whose_bundle_was_due_first_is_answered_first_although_nobody_had_looked() {
        says(anna, 1);
        clock.advance(BundleStoreContract.QUIET.plusMillis(500));
        store().add(incoming(ben, 1, 10, true));
        clock.advance(Duration.ofMillis(500));
        says(anna, 2);
        assertThat(store().claim(BOT, 1, LEASE).bundles())
                .extracting(Leased::conversation)
                .containsExactly(anna);
    }
}
