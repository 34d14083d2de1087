package dev.sluice.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.encryption.KeyRing;
import dev.sluice.encryption.Sealer;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
    void what_nobody_can_read_is_set_aside_at_last_and_keeps_its_person_from_nothing_more() throws Exception {
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
        assertThat(right.aside().list(BOT, Instant.EPOCH, 10))
                .extracting(AsideBundle::reason)
                .containsExactly(AsideBundle.Reason.UNREADABLE);
    }

    @Test
    void what_must_not_leave_memory_is_not_kept_when_it_is_set_aside_and_all_is_told_once() throws Exception {
        var clock = new SettableMicros();
        var told = new ArrayList<AsideBundle>();
        var gone = new AtomicInteger();
        try (Bundles bundles = Bundles.inMemory()
                .settings(SLOW.withMostLost(1))
                .clock(clock)
                .memoryOnly(conversation -> {
                    if (conversation.user() == 9) {
                        throw new RedisUnavailableException("nobody knows", false, null);
                    }
                    return conversation.user() == 7;
                })
                .events(new BundleEvents() {
                    @Override
                    public void setAside(AsideBundle bundle) {
                        told.add(bundle);
                    }

                    @Override
                    public void asideGone(int bundles) {
                        gone.addAndGet(bundles);
                    }
                })
                .build()) {
            for (int user = 7; user <= 9; user++) {
                bundles.add(Conversation.of(BOT, user), says(1, "/a"));
            }
            for (int look = 0; look < 3; look++) {
                bundles.claim(BOT, 32, LEASE, Duration.ZERO, new CompletableFuture<>());
                clock.advance(LEASE);
            }
            assertThat(told).hasSize(3);
            assertThat(gone).hasValue(2);
            assertThat(bundles.aside().list(BOT, Instant.EPOCH, 10))
                    .singleElement()
                    .isEqualTo(told.get(1));
            assertThatThrownBy(() -> bundles.aside().list(BOT, Instant.EPOCH, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("1 to 1000");
        }
    }

    @Test
    void what_this_process_set_aside_in_its_memory_is_told_as_gone_when_it_closes() throws Exception {
        var clock = new SettableMicros();
        var gone = new AtomicInteger();
        Bundles bundles = Bundles.inMemory()
                .settings(SLOW.withMostLost(1))
                .clock(clock)
                .events(new BundleEvents() {
                    @Override
                    public void asideGone(int bundles) {
                        gone.addAndGet(bundles);
                    }
                })
                .build();
        for (int user = 7; user <= 8; user++) {
            bundles.add(Conversation.of(BOT, user), says(1, "/a"));
        }
        for (int look = 0; look < 2; look++) {
            bundles.claim(BOT, 32, LEASE, Duration.ZERO, new CompletableFuture<>());
            clock.advance(LEASE);
        }
        assertThat(bundles.aside().list(BOT, Instant.EPOCH, 10)).hasSize(2);
        bundles.close();
        assertThat(gone).hasValue(2);
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

    @Test
    void what_was_sealed_for_one_person_is_not_read_as_another_s() {
        var seals = new BundleSeals(KeyRing.random());
        Conversation anna = Conversation.of(BOT, 7);
        byte[] sealed = seals.write(anna, says(1, "hers"));
        var held = List.of(new BundleStore.Held(1, 1, 1, sealed));
        assertThat(seals.read(new BundleStore.Leased(anna, 1, 0, held))).isPresent();
        for (Conversation other :
                List.of(Conversation.of(BOT, 8), new Conversation(BOT, -5, 7), Conversation.of(new BotId(99), 7))) {
            assertThat(seals.read(new BundleStore.Leased(other, 1, 0, held))).isEmpty();
        }
    }

    @Test
    void whoever_waits_for_what_comes_to_memory_is_told_at_once() throws Exception {
        try (Bundles bundles = Bundles.inMemory().build();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting =
                    threads.submit(() -> bundles.claim(BOT, 1, LEASE, Bundles.LONGEST_WAIT, new CompletableFuture<>()));
            await().atMost(Duration.ofSeconds(30)).until(() -> bundles.waiting() == 1);
            bundles.add(Conversation.of(BOT, 7), says(1, "/a"));
            assertThat(waiting.get(30, TimeUnit.SECONDS)).hasSize(1);
        }
    }

    @Test
    void where_nothing_is_bundled_each_message_goes_at_once() throws Exception {
        try (Bundles bundles =
                Bundles.inMemory().settings(SLOW).place(BundlePlace.OFF).build()) {
            bundles.add(Conversation.of(BOT, 7), says(1, "hello"));
            List<Bundle> taken = bundles.claim(BOT, 1, LEASE, Duration.ZERO, new CompletableFuture<>());
            assertThat(taken).extracting(Bundle::text).containsExactly("hello");
            assertThat(taken.getFirst().isCommand()).isFalse();
        }
    }

    @Test
    void a_handler_that_goes_on_failing_is_given_its_bundle_later_each_time() {
        var clock = new SettableMicros();
        var store = new InMemoryBundleStore(clock, SLOW, 1_000);
        var failed = new AtomicInteger();
        Bundles bundles =
                bundles(new TroubledBundleStore(store), SLOW, OnStoreFailure.CLOSED, Sealer.NONE, MemoryOnly.NOBODY);
        var patient = new HandlerSettings(1, Duration.ofSeconds(10), Duration.ZERO);
        try (Bundler bundler = Bundler.start(bundles, BOT, patient, bundle -> {
            failed.incrementAndGet();
            throw new IllegalStateException("always");
        })) {
            bundler.add(7, says(1, "/a"));
            for (int failures = 1; failures <= 3; failures++) {
                int expected = failures;
                Duration pause = Duration.ofSeconds(1L << failures - 1);
                await().atMost(NOT_HANGING).until(() -> failed.get() == expected);
                await().atMost(NOT_HANGING)
                        .until(() -> store.claim(BOT, 1, LEASE).next().equals(Optional.of(pause)));
                clock.advance(pause);
            }
        }
    }
}
