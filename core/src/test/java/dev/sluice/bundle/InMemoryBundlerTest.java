package dev.sluice.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.encryption.KeyRing;
import dev.sluice.limit.OnStoreFailure;
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
}
