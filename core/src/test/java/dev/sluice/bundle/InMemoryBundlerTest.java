package dev.sluice.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.encryption.KeyRing;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.SettableMicros;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class InMemoryBundlerTest extends BundlerContract {
    @Override
    BundleStore store(BundleSettings settings) {
        return new InMemoryBundleStore(() -> 1_800_000_000_000_000L + System.nanoTime() / 1_000, settings, 1_000);
    }

    @Test
    void what_another_key_sealed_is_left_to_who_has_it() throws Exception {
        TroubledBundleStore store = troubled(SLOW);
        KeyRing key = KeyRing.random();
        Bundles right = bundles(store, SLOW, OnStoreFailure.CLOSED, key, MemoryOnly.NOBODY);
        Bundles wrong = bundles(store, SLOW, OnStoreFailure.CLOSED, KeyRing.random(), MemoryOnly.NOBODY);
        right.add(Conversation.of(BOT, 7), says(1, "/sealed"));
        assertThat(wrong.claim(BOT, 1, LEASE, Duration.ZERO, new CompletableFuture<>()))
                .isEmpty();
        assertThat(right.claim(BOT, 1, LEASE, NOT_HANGING, new CompletableFuture<>()))
                .extracting(Bundle::text)
                .containsExactly("/sealed");
    }

    @Test
    void what_nobody_can_read_is_given_up_at_last_and_keeps_its_person_from_nothing_more() throws Exception {
        var clock = new SettableMicros();
        var store = new TroubledBundleStore(new InMemoryBundleStore(clock, SLOW, 1_000));
        Conversation who = Conversation.of(BOT, 7);
        bundles(store, SLOW, OnStoreFailure.CLOSED, KeyRing.random(), MemoryOnly.NOBODY)
                .add(who, says(1, "/sealed by a key that is lost"));
        Bundles right = bundles(store, SLOW, OnStoreFailure.CLOSED, KeyRing.random(), MemoryOnly.NOBODY);
        for (int minute = 0; minute < 59; minute++) {
            assertThat(right.claim(BOT, 1, LEASE, Duration.ZERO, new CompletableFuture<>()))
                    .isEmpty();
            clock.advance(Duration.ofMinutes(1));
        }
        right.add(who, says(2, "/read"));
        assertThat(store.standing(BOT).people()).as("kept for its key").isEqualTo(1);
        clock.advance(Duration.ofMinutes(1));
        right.claim(BOT, 1, LEASE, Duration.ZERO, new CompletableFuture<>());
        assertThat(right.claim(BOT, 1, LEASE, Duration.ZERO, new CompletableFuture<>()))
                .extracting(Bundle::text)
                .containsExactly("/read");
    }

    @Test
    void what_cannot_be_read_keeps_nothing_else_from_being_handed_over_although_it_cannot_be_put_back()
            throws Exception {
        TroubledBundleStore store = troubled(SLOW);
        Bundles wrong = bundles(store, SLOW, OnStoreFailure.CLOSED, KeyRing.random(), MemoryOnly.NOBODY);
        Bundles right = bundles(store, SLOW, OnStoreFailure.CLOSED, KeyRing.random(), MemoryOnly.NOBODY);
        wrong.add(Conversation.of(BOT, 7), says(1, "/sealed"));
        right.add(Conversation.of(BOT, 8), says(1, "/read"));
        wrong.add(Conversation.of(BOT, 9), says(1, "/sealed"));
        store.keepLeases();
        assertThat(right.claim(BOT, 32, LEASE, Duration.ZERO, new CompletableFuture<>()))
                .extracting(Bundle::text)
                .containsExactly("/read");
    }
}
