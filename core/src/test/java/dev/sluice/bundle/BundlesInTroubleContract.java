package dev.sluice.bundle;

import static dev.sluice.bundle.BundlerContract.BOT;
import static dev.sluice.bundle.BundlerContract.LEASE;
import static dev.sluice.bundle.BundlerContract.NOT_HANGING;
import static dev.sluice.bundle.BundlerContract.QUICK;
import static dev.sluice.bundle.BundlerContract.SLOW;
import static dev.sluice.bundle.BundlerContract.says;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.sluice.limit.OnStoreFailure;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a store that comes and goes makes of bundles; two processes as far as it can tell. */
@Timeout(120)
abstract class BundlesInTroubleContract {
    private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();
    private final List<Bundle> handled = new CopyOnWriteArrayList<>();

    /** What processes share, new for each test. */
    abstract BundleStore store(BundleSettings settings);

    Bundles bundles(TroubledBundleStore store, OnStoreFailure onFailure, MemoryOnly memoryOnly) {
        Bundles bundles = new BundlesBuilder(Optional.of(any -> store))
                .settings(SLOW)
                .onStoreFailure(onFailure)
                .memoryOnly(memoryOnly)
                .build();
        opened.add(bundles);
        return bundles;
    }

    private Bundles bundles(TroubledBundleStore store, OnStoreFailure onFailure) {
        return bundles(store, onFailure, MemoryOnly.NOBODY);
    }

    private Bundler start(TroubledBundleStore store, BundleHandler handler) {
        Bundler bundler = Bundler.start(bundles(store, OnStoreFailure.CLOSED), BOT, QUICK, handler);
        opened.addFirst(bundler);
        return bundler;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    private static List<Bundle> claim(Bundles bundles, int most) throws InterruptedException {
        return bundles.claim(BOT, most, Bundles.LONGEST_LEASE, Duration.ZERO, new CompletableFuture<>());
    }

    @Test
    void what_is_being_handled_while_the_store_is_away_for_longer_than_its_lease_is_handled_once() throws Exception {
        BundleStore shared = store(SLOW);
        var begun = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        BundleHandler patient = bundle -> {
            begun.countDown();
            go.await();
            handled.add(bundle);
        };
        List<TroubledBundleStore> stores = List.of(new TroubledBundleStore(shared), new TroubledBundleStore(shared));
        Bundler first = start(stores.getFirst(), patient);
        first.add(7, says(1, "/a"));
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        start(stores.getLast(), patient);
        stores.forEach(TroubledBundleStore::goAway);
        await().atMost(NOT_HANGING)
                .until(() ->
                        shared.standing(BOT).due() == 1 && stores.stream().allMatch(store -> store.refused.get() >= 2));

        stores.forEach(TroubledBundleStore::comeBack);

        await().atMost(NOT_HANGING).until(() -> shared.standing(BOT).due() == 0);
        first.add(8, says(1, "/b"));
        go.countDown();
        await().atMost(NOT_HANGING).until(() -> shared.standing(BOT).people() == 0);
        assertThat(handled).extracting(Bundle::text).containsExactlyInAnyOrder("/a", "/b");
    }

    @Test
    void whoever_dies_having_set_a_bundle_aside_or_handed_it_over_again_loses_none_and_doubles_none() throws Exception {
        BundleStore shared = store(SLOW.withMostLost(2));
        var store = new TroubledBundleStore(shared);
        Bundles bundles = bundles(store, OnStoreFailure.CLOSED);
        var who = Conversation.of(BOT, 7);
        bundles.add(who, says(1, "/a"));
        bundles.add(who, says(2, "/b"));
        for (int death = 0; death < 2; death++) {
            await().atMost(NOT_HANGING)
                    .until(() -> !shared.claim(BOT, 1, Duration.ofMillis(1))
                            .bundles()
                            .isEmpty());
        }
        await().atMost(NOT_HANGING).until(() -> shared.standing(BOT).due() == 1);
        store.loseAnswers(1);
        assertThatThrownBy(() -> bundles.claim(BOT, 1, LEASE, Duration.ZERO, new CompletableFuture<>()))
                .isInstanceOf(RedisUnavailableException.class);
        List<AsideBundle> listed = bundles.aside().list(BOT, Instant.EPOCH, 10);
        assertThat(listed).as("nobody was told of it").hasSize(1);

        store.loseAnswers(1);
        assertThatThrownBy(() -> bundles.aside().requeue(listed.getFirst().id()))
                .isInstanceOf(RedisUnavailableException.class);
        assertThat(bundles.aside().requeue(listed.getFirst().id())).isEqualTo(AsideBundles.Requeue.GONE);
        assertThat(bundles.aside().count()).isZero();

        start(store, handled::add);
        await().atMost(NOT_HANGING).until(() -> shared.standing(BOT).people() == 0);
        assertThat(handled).extracting(Bundle::text).containsExactly("/b", "/a");
        assertThat(shared.asideCount(BOT)).isZero();
    }

    @Test
    void what_was_handled_while_the_store_was_away_is_said_when_it_is_back() throws Exception {
        BundleStore shared = store(SLOW);
        var store = new TroubledBundleStore(shared);
        var go = new CountDownLatch(1);
        var begun = new CountDownLatch(1);
        Bundler bundler = start(store, bundle -> {
            begun.countDown();
            go.await();
            handled.add(bundle);
        });
        bundler.add(7, says(1, "/a"));
        assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
        store.goAway();
        go.countDown();
        await().atMost(NOT_HANGING).until(() -> store.refused.get() >= 2 && handled.size() == 1);
        store.comeBack();
        await().atMost(NOT_HANGING).until(() -> shared.standing(BOT).people() == 0);
        assertThat(handled).hasSize(1);
    }

    @Test
    void a_bundle_whose_lease_ran_out_is_not_handled_a_second_time_in_a_process_where_it_still_is() throws Exception {
        BundleStore shared = store(SLOW);
        var go = new CountDownLatch(1);
        var now = new AtomicInteger();
        var most = new AtomicInteger();
        var store = new TroubledBundleStore(shared);
        store.keepLeases();
        Bundler bundler = start(store, bundle -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            if (bundle.conversation().user() == 7) {
                go.await();
            }
            now.decrementAndGet();
            handled.add(bundle);
        });
        bundler.add(7, says(1, "/a"));
        await().atMost(NOT_HANGING).until(() -> store.handedOver.get() >= 2);
        await().during(Duration.ofMillis(200)).until(() -> most.get() == 1);
        go.countDown();
        await().atMost(NOT_HANGING).until(() -> shared.standing(BOT).people() == 0);
        assertThat(most).hasValue(1);
        assertThat(handled).extracting(Bundle::text).containsOnly("/a");
    }

    @Test
    void whoever_is_refused_after_an_answer_was_lost_is_told_that_the_message_may_be_there() throws Exception {
        var store = new TroubledBundleStore(store(SLOW));
        Bundles bundles = bundles(store, OnStoreFailure.CLOSED);
        store.loseAnAnswerAndGoAway();
        RedisUnavailableException refused = catchThrowableOfType(
                RedisUnavailableException.class, () -> bundles.add(Conversation.of(BOT, 7), says(1, "/a")));
        assertThat(refused.mayHaveRun()).isTrue();
        store.comeBack();
        assertThat(bundles.add(Conversation.of(BOT, 7), says(1, "/a"))).isInstanceOf(Addition.Duplicate.class);
    }

    @Test
    void a_repeat_of_what_this_process_took_and_handled_while_the_store_was_away_changes_nothing() throws Exception {
        var store = new TroubledBundleStore(store(SLOW));
        Bundles bundles = bundles(store, OnStoreFailure.LOCAL);
        store.goAway();
        bundles.add(Conversation.of(BOT, 7), says(1, "/a"));
        Bundle bundle = claim(bundles, 1).getFirst();
        assertThat(bundles.settle(bundle.id(), bundle.fence())).isTrue();
        store.comeBack();
        assertThat(bundles.add(Conversation.of(BOT, 7), says(1, "/a"))).isInstanceOf(Addition.Duplicate.class);
        assertThat(bundles.add(Conversation.of(BOT, 7), says(2, "/b")))
                .isInstanceOfSatisfying(
                        Addition.Added.class,
                        added -> assertThat(added.shared()).isTrue());
    }

    @Test
    void neither_memory_nor_the_store_is_left_out_while_more_is_due_in_the_other_than_can_be_handled()
            throws Exception {
        var store = new TroubledBundleStore(store(SLOW));
        Bundles bundles = bundles(store, OnStoreFailure.CLOSED, conversation -> conversation.user() < 100);
        for (int user = 60; user < 140; user++) {
            bundles.add(Conversation.of(BOT, user), says(1, "/a"));
        }
        int here = 0;
        for (int i = 0; i < 30; i++) {
            here += claim(bundles, 1).getFirst().conversation().user() < 100 ? 1 : 0;
        }
        assertThat(here).isBetween(1, 29);
        assertThat(claim(bundles, 32).size() + claim(bundles, 32).size())
                .as("all that is left")
                .isEqualTo(50);
    }

    @Test
    void a_fence_that_no_bundle_was_handed_over_with_settles_nothing() throws Exception {
        Bundles bundles = bundles(new TroubledBundleStore(store(SLOW)), OnStoreFailure.CLOSED);
        bundles.add(Conversation.of(BOT, 7), says(1, "/a"));
        Bundle bundle = claim(bundles, 1).getFirst();
        assertThat(bundles.settle(bundle.id(), bundle.fence() + 1)).isFalse();
        assertThatThrownBy(() -> bundles.settle(bundle.id(), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 or more, not 0");
        assertThat(bundles.settle(bundle.id(), bundle.fence())).isTrue();
    }

    @Test
    void what_another_process_forgets_goes_from_memory_and_the_store_is_left_to_it() throws Exception {
        var store = new TroubledBundleStore(store(SLOW));
        Bundles bundles = bundles(store, OnStoreFailure.LOCAL, conversation -> conversation.user() < 100);
        for (int user = 7; user < 10; user++) {
            bundles.add(Conversation.of(BOT, user), says(1, "/a"));
        }
        Bundle taken = claim(bundles, 1).getFirst();
        bundles.add(Conversation.of(BOT, 100), says(1, "/a"));
        bundles.personalData().forgetHere(taken.conversation().user());
        bundles.personalData().forgetHere(100);
        bundles.personalData().forgetCopiesHere(8);
        assertThat(bundles.messagesHere()).isEqualTo(2);
        assertThat(bundles.settle(taken.id(), taken.fence())).as("gone").isFalse();
        assertThat(bundles.add(taken.conversation(), says(1, "/a")))
                .as("nothing is known of it")
                .isInstanceOf(Addition.Added.class);
        bundles.personalData().forgetEverybodyHere();
        assertThat(bundles.messagesHere()).isZero();
        assertThat(claim(bundles, 32))
                .extracting(bundle -> bundle.conversation().user())
                .containsExactly(100L);
    }

    @Test
    void what_a_person_said_is_forgotten_here_although_the_store_is_away() {
        var store = new TroubledBundleStore(store(SLOW));
        Bundles bundles = bundles(store, OnStoreFailure.LOCAL);
        store.goAway();
        bundles.add(Conversation.of(BOT, 7), says(1, "mine"));
        assertThatThrownBy(() -> bundles.forget(BOT, 7)).isInstanceOf(RedisUnavailableException.class);
        assertThat(bundles.messagesHere()).isZero();
    }
}
