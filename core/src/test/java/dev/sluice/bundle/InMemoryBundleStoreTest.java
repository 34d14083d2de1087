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
}
