package dev.sluice.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bundle.BundleStore.Answer;
import org.junit.jupiter.api.Test;

class InMemoryBundleStoreTest extends BundleStoreContract {
    private final InMemoryBundleStore store = new InMemoryBundleStore(clock, RULES, 20);

    @Override
    BundleStore store() {
        return store;
    }

    @Test
    void beyond_the_bound_a_newcomer_is_refused_until_somebody_s_are_handled() {
        var bounded = new InMemoryBundleStore(clock, RULES, 1);
        assertThat(bounded.add(incoming(anna, 1, 10, true))).isInstanceOf(Answer.Added.class);
        assertThat(bounded.add(incoming(ben, 1, 10, true))).isEqualTo(new Answer.Full());
        bounded.claim(BOT, 1, LEASE)
                .bundles()
                .forEach(leased ->
                        assertThat(bounded.settle(anna, leased.fence())).isTrue());
        assertThat(bounded.add(incoming(ben, 1, 10, true))).isInstanceOf(Answer.Added.class);
    }

    @Test
    void what_is_handled_is_forgotten_in_time_and_what_nobody_takes_after_a_day() {
        store.add(incoming(anna, 1, 10, true));
        claim().forEach(leased -> store.settle(anna, leased.fence()));
        clock.advance(RULES.remembered());
        assertThat(store.add(incoming(anna, 1, 10, false)))
                .as("it is new again")
                .isInstanceOf(Answer.Added.class);
        assertThat(store.messages(BOT)).isEqualTo(1);
        clock.advance(RULES.kept());
        assertThat(claim()).isEmpty();
        assertThat(store.messages()).isZero();
    }

    @Test
    void what_is_still_collected_can_be_closed_for_the_end() {
        store.add(incoming(anna, 1, 10, false));
        store.add(incoming(ben, 1, 10, false));
        assertThat(claim()).isEmpty();
        store.closeAll(BOT);
        assertThat(claim()).hasSize(2);
    }

    @Test
    void messages_without_a_text_take_room_too_and_repeats_are_forgotten_before_anybody_is_refused() {
        var bounded = new InMemoryBundleStore(clock, RULES, 20, 100 * InMemoryBundleStore.MESSAGE_BYTES);
        assertThat(bounded.add(incoming(ben, 1, 0, true))).isInstanceOf(Answer.Added.class);
        bounded.claim(BOT, 1, LEASE).bundles().forEach(leased -> bounded.settle(ben, leased.fence()));
        assertThat(bounded.add(incoming(ben, 1, 0, true))).isInstanceOf(Answer.Duplicate.class);
        int taken = 0;
        while (taken < BundleSettings.ROOM && bounded.add(incoming(anna, taken + 1, 0, true)) instanceof Answer.Added) {
            taken++;
        }
        assertThat(taken).isEqualTo(100);
        assertThat(bounded.add(incoming(anna, 1, 0, true)))
                .as("what waits is not forgotten")
                .isInstanceOf(Answer.Duplicate.class);
        for (int i = 0; i < 2; i++) {
            bounded.claim(BOT, 1, LEASE).bundles().forEach(leased -> bounded.settle(anna, leased.fence()));
        }
        assertThat(bounded.add(incoming(ben, 1, 0, true)))
                .as("forgotten, and new again")
                .isInstanceOf(Answer.Added.class);
    }

    @Test
    void people_of_whom_only_repeats_are_known_are_bounded_too() {
        for (int person = 1; person <= 50; person++) {
            Conversation who = Conversation.of(BOT, person);
            assertThat(store.add(incoming(who, 1, 10, true))).isInstanceOf(Answer.Added.class);
            claim().forEach(leased -> store.settle(who, leased.fence()));
        }
        assertThat(store.known()).isLessThanOrEqualTo(40);
    }
}
