package dev.sluice.bundle;

import static dev.sluice.bundle.BundleStoreContract.BOT;
import static dev.sluice.bundle.BundleStoreContract.LEASE;
import static dev.sluice.bundle.BundleStoreContract.incoming;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InMemoryAsideBundlesTest extends AsideBundlesContract {
    private final Map<BundleSettings, BundleStore> stores = new HashMap<>();

    @Override
    BundleStore store(BundleSettings rules) {
        return stores.computeIfAbsent(rules, any -> new InMemoryBundleStore(clock, rules, 20));
    }

    @Test
    void when_all_is_forgotten_that_only_this_process_has_none_is_left() {
        setAside(anna, 1);
        commands(ben, 2);
        var store = (InMemoryBundleStore) store();
        assertThat(store.forgetAll()).isEqualTo(new InMemoryBundleStore.Forgotten(1, 1));
        assertThat(aside()).isEmpty();
        assertThat(claim()).isEmpty();
        assertThat(store.forgetAll()).isEqualTo(new InMemoryBundleStore.Forgotten(0, 0));
    }

    @Test
    void when_their_time_is_over_they_leave_memory_although_nobody_asks_for_them() {
        setAside(anna, 1);
        clock.advance(RULES.kept().plusSeconds(1));
        commands(ben, 1);
        assertThat(store().conversations(11)).isEmpty();
    }

    @Test
    void what_is_remembered_of_handled_messages_keeps_nothing_from_being_handed_over_again() {
        var small = new InMemoryBundleStore(clock, RULES.withMostLost(1), 20, 1_700);
        small.add(incoming(anna, 1, 10, true));
        small.claim(BOT, 1, LEASE);
        clock.advance(LEASE);
        BundleId id = small.claim(BOT, 1, LEASE).aside().bundles().getFirst().id();
        for (long message = 1; message <= 12; message++) {
            assertThat(small.add(incoming(ben, message, 10, true))).isInstanceOf(BundleStore.Answer.Added.class);
            BundleStore.Leased leased = small.claim(BOT, 1, LEASE).bundles().getFirst();
            assertThat(small.settle(ben, leased.fence())).isTrue();
        }
        assertThat(small.requeue(id).answer()).isEqualTo(AsideBundles.Requeue.BACK);
        assertThat(small.claim(BOT, 1, LEASE).bundles()).hasSize(1);
    }

    @Test
    void they_take_so_much_memory_and_no_more() {
        BundleStore strict = store(RULES.withMostLost(1));
        int size = 1 << 20;
        int gone = 0;
        for (int person = 1; person <= 12; person++) {
            strict.add(incoming(Conversation.of(BOT, person), 1, size, true));
            strict.claim(BOT, 1, LEASE);
            clock.advance(LEASE);
            gone += strict.claim(BOT, 1, LEASE).aside().gone();
        }
        assertThat(gone).isEqualTo(5);
        assertThat(strict.aside(BOT, 0, 100))
                .hasSize((int) (InMemoryAside.MOST_BYTES / (size + InMemoryBundleStore.MESSAGE_BYTES)))
                .extracting(bundle -> bundle.id().conversation().user())
                .startsWith(6L);
    }
}
