package dev.sluice.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.encryption.Sealer;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

/** Bundles from a person's messages to a handler, by the real clock, over a store that can be troubled. */
@Timeout(120)
abstract class BundlerContract {
    static final BotId BOT = new BotId(4_242);
    static final Duration NOT_HANGING = Duration.ofSeconds(30);
    static final Duration LEASE = Bundles.SHORTEST_LEASE;

    /** Its lease is longer than a busy machine keeps a renewal from its turn. */
    static final HandlerSettings QUICK = new HandlerSettings(8, LEASE.multipliedBy(2), Duration.ofSeconds(5));

    static final Instant SENT = Instant.parse("2027-01-15T12:00:00Z");

    /** Nothing that a test says at once falls apart. */
    static final BundleSettings SLOW = BundleSettings.DEFAULT
            .withQuiet(Duration.ofMinutes(1), Duration.ofMinutes(1))
            .withLongest(Duration.ofMinutes(2));

    private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();
    private final List<Bundle> handled = new CopyOnWriteArrayList<>();
    private final AtomicInteger dropped = new AtomicInteger();

    /** What processes share, new for each test. */
    abstract BundleStore store(BundleSettings settings);

    /** What tests of this class close. */
    private Bundles bundles(TroubledBundleStore store, BundleSettings settings, OnStoreFailure onFailure) {
        return bundles(store, settings, onFailure, Sealer.NONE, MemoryOnly.NOBODY);
    }

    Bundles bundles(
            TroubledBundleStore store,
            BundleSettings settings,
            OnStoreFailure onFailure,
            Sealer sealer,
            MemoryOnly memoryOnly) {
        Bundles bundles = new BundlesBuilder(Optional.of(any -> store))
                .settings(settings)
                .onStoreFailure(onFailure)
                .sealer(sealer)
                .memoryOnly(memoryOnly)
                .events(new BundleEvents() {
                    @Override
                    public void dropped(int messages) {
                        dropped.addAndGet(messages);
                    }
                })
                .build();
        opened.add(bundles);
        return bundles;
    }

    private Bundler start(Bundles bundles, BundleHandler handler) {
        Bundler bundler = Bundler.start(bundles, BOT, QUICK, handler);
        opened.addFirst(bundler);
        return bundler;
    }

    TroubledBundleStore troubled(BundleSettings settings) {
        return new TroubledBundleStore(store(settings));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    static TalkMessage says(long id, String text) {
        return TalkMessage.of(id, SENT.plusSeconds(id), text);
    }

    private void awaitHandled(int count) {
        await().atMost(NOT_HANGING).until(() -> handled.size() >= count);
    }

    @Test
    void lines_that_follow_each_other_are_answered_as_one_with_their_ids_and_times() {
        // Longer than a busy machine takes for three lines.
        var settings = BundleSettings.DEFAULT.withQuiet(Duration.ofSeconds(2), Duration.ofSeconds(3));
        Bundler bundler = start(bundles(troubled(settings), settings, OnStoreFailure.CLOSED), handled::add);
        bundler.add(7, says(2, "are you there?"));
        bundler.add(7, says(1, "hello"));
        assertThat(bundler.add(7, says(2, "are you there?"))).isInstanceOf(Addition.Duplicate.class);
        awaitHandled(1);
        Bundle bundle = handled.getFirst();
        assertThat(bundle.text()).isEqualTo("hello\nare you there?");
        assertThat(bundle.messages()).containsExactly(says(1, "hello"), says(2, "are you there?"));
        assertThat(bundle.conversation()).isEqualTo(Conversation.of(BOT, 7));
        assertThat(handled).hasSize(1);
    }

    @Test
    void a_command_is_handled_at_once_after_what_was_said_before_it() {
        Bundler bundler = start(bundles(troubled(SLOW), SLOW, OnStoreFailure.CLOSED), handled::add);
        bundler.add(7, says(1, "one more thing"));
        bundler.add(7, says(2, "/stop now"));
        bundler.add(7, says(3, "kept"));
        awaitHandled(2);
        assertThat(handled).extracting(Bundle::text).containsExactly("one more thing", "/stop now");
        assertThat(handled).extracting(Bundle::isCommand).containsExactly(false, true);
    }

    @Test
    void one_conversation_is_never_handled_twice_at_a_time_and_others_are() throws Exception {
        var inside = new CountDownLatch(2);
        var go = new CountDownLatch(1);
        var most = new AtomicInteger();
        var now = new AtomicInteger();
        TroubledBundleStore store = troubled(SLOW);
        Bundler bundler = start(bundles(store, SLOW, OnStoreFailure.CLOSED), bundle -> {
            if (bundle.conversation().user() == 7) {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
            }
            inside.countDown();
            go.await();
            if (bundle.conversation().user() == 7) {
                now.decrementAndGet();
            }
            handled.add(bundle);
        });
        bundler.add(7, says(1, "/a"));
        bundler.add(7, says(2, "/b"));
        bundler.add(8, says(1, "/a"));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        // Two bundles, each longer than its lease: every third of it both are renewed.
        await().atMost(NOT_HANGING).until(() -> store.renewals.get() >= 8);
        go.countDown();
        awaitHandled(3);
        assertThat(most).hasValue(1);
        assertThat(handled).hasSize(3);
    }

    @Test
    void a_handler_that_fails_is_given_the_bundle_again_and_what_is_behind_it_waits() {
        var failures = new AtomicInteger();
        Bundler bundler = start(bundles(troubled(SLOW), SLOW, OnStoreFailure.CLOSED), bundle -> {
            if (failures.getAndIncrement() == 0) {
                throw new IllegalStateException("secret words");
            }
            handled.add(bundle);
        });
        bundler.add(7, says(1, "/a"));
        bundler.add(7, says(2, "/b"));
        awaitHandled(2);
        assertThat(handled).extracting(Bundle::text).containsExactly("/a", "/b");
        assertThat(handled.getFirst().failures()).isEqualTo(1);
    }

    @Test
    void answers_that_are_lost_lose_and_double_nothing() throws Exception {
        TroubledBundleStore store = troubled(SLOW);
        Bundles bundles = bundles(store, SLOW, OnStoreFailure.CLOSED);
        Conversation who = Conversation.of(BOT, 7);
        store.loseAnswers(1);
        assertThat(bundles.add(who, says(1, "/a"))).isInstanceOf(Addition.Added.class);
        store.loseAnswers(2);
        assertThatThrownBy(() -> bundles.add(who, says(2, "/b"))).isInstanceOf(RedisUnavailableException.class);
        assertThat(bundles.add(who, says(2, "/b"))).isInstanceOf(Addition.Duplicate.class);

        store.loseAnswers(1);
        assertThatThrownBy(() -> bundles.claim(BOT, 1, LEASE, Duration.ZERO, new CompletableFuture<>()))
                .isInstanceOf(RedisUnavailableException.class);
        List<Bundle> again = bundles.claim(BOT, 1, Bundles.LONGEST_LEASE, NOT_HANGING, new CompletableFuture<>());
        assertThat(again).extracting(Bundle::text).containsExactly("/a");
        Bundle first = again.getFirst();
        store.loseAnswers(1);
        assertThatThrownBy(() -> bundles.settle(first.id(), first.fence()))
                .isInstanceOf(RedisUnavailableException.class);
        assertThat(bundles.settle(first.id(), first.fence())).isTrue();
        assertThat(bundles.claim(BOT, 32, LEASE, Duration.ZERO, new CompletableFuture<>()))
                .extracting(Bundle::text)
                .containsExactly("/b");
    }

    @Test
    void while_the_store_is_away_messages_are_bundled_here_and_go_on_here_until_they_are_handled() {
        TroubledBundleStore store = troubled(SLOW);
        Bundles bundles = bundles(store, SLOW, OnStoreFailure.LOCAL);
        store.goAway();
        assertThat(bundles.add(Conversation.of(BOT, 7), says(1, "first")))
                .isInstanceOfSatisfying(
                        Addition.Added.class,
                        added -> assertThat(added.shared()).isFalse());
        store.comeBack();
        assertThat(bundles.add(Conversation.of(BOT, 7), says(2, "second")))
                .isInstanceOfSatisfying(
                        Addition.Added.class,
                        added -> assertThat(added.shared()).isFalse());
        assertThat(bundles.add(Conversation.of(BOT, 8), says(1, "/other")))
                .isInstanceOfSatisfying(
                        Addition.Added.class,
                        added -> assertThat(added.shared()).isTrue());
        Bundler bundler = start(bundles, handled::add);
        bundler.add(7, says(3, "/go"));
        awaitHandled(3);
        assertThat(handled.stream()
                        .filter(bundle -> bundle.conversation().user() == 7)
                        .map(Bundle::text))
                .containsExactly("first\nsecond", "/go");
        await().atMost(NOT_HANGING).until(() -> bundles.messagesHere() == 0);
        assertThat(bundler.add(7, says(4, "/back")))
                .isInstanceOfSatisfying(
                        Addition.Added.class,
                        added -> assertThat(added.shared()).isTrue());
        awaitHandled(4);
    }

    @Test
    void while_the_store_is_away_messages_go_at_once_or_are_refused_if_the_policy_says_so() throws Exception {
        TroubledBundleStore store = troubled(SLOW);
        store.goAway();
        Bundles open = bundles(store, SLOW, OnStoreFailure.OPEN);
        open.add(Conversation.of(BOT, 6), says(1, "alone"));
        assertThat(open.claim(BOT, 1, Bundles.LONGEST_LEASE, Duration.ZERO, new CompletableFuture<>()))
                .extracting(Bundle::text)
                .containsExactly("alone");
        open.add(Conversation.of(BOT, 7), says(1, "one"));
        open.add(Conversation.of(BOT, 7), says(2, "two"));
        for (String text : List.of("one", "two")) {
            List<Bundle> taken = open.claim(BOT, 32, Bundles.LONGEST_LEASE, Duration.ZERO, new CompletableFuture<>());
            assertThat(taken).extracting(Bundle::text).containsExactly(text);
            assertThat(taken.getFirst().isCommand()).as("it is none").isFalse();
            open.settle(taken.getFirst().id(), taken.getFirst().fence());
        }
        Bundles closed = bundles(store, SLOW, OnStoreFailure.CLOSED);
        assertThatThrownBy(() -> closed.add(Conversation.of(BOT, 7), says(1, "one")))
                .isInstanceOf(RedisUnavailableException.class);
        assertThat(closed.messagesHere()).isZero();
    }

    @Test
    void closing_handles_what_is_in_memory_and_waits_for_handlers() {
        TroubledBundleStore store = troubled(SLOW);
        Bundles bundles = bundles(store, SLOW, OnStoreFailure.LOCAL);
        Bundler bundler = start(bundles, handled::add);
        store.goAway();
        bundler.add(7, says(1, "still collecting"));
        bundler.add(8, says(1, "and this"));
        bundler.close();
        assertThat(handled).extracting(Bundle::text).containsExactlyInAnyOrder("still collecting", "and this");
        assertThatThrownBy(() -> bundler.add(7, says(2, "late"))).isInstanceOf(IllegalStateException.class);
        assertThat(dropped).hasValue(0);
    }

    @Test
    void a_handler_that_does_not_end_at_the_close_is_interrupted_and_another_process_has_its_bundle() {
        TroubledBundleStore store = troubled(SLOW);
        var begun = new CountDownLatch(1);
        var impatient = new HandlerSettings(1, Bundles.LONGEST_LEASE, Duration.ofMillis(100));
        Bundler first = Bundler.start(bundles(store, SLOW, OnStoreFailure.CLOSED), BOT, impatient, bundle -> {
            begun.countDown();
            new CountDownLatch(1).await();
        });
        opened.addFirst(first);
        first.add(7, says(1, "/a"));
        await().atMost(NOT_HANGING).until(() -> begun.getCount() == 0);
        first.close();
        start(bundles(store, SLOW, OnStoreFailure.CLOSED), handled::add);
        awaitHandled(1);
        assertThat(handled.getFirst().failures()).isZero();
    }

    @Test
    void those_who_must_not_leave_memory_are_bundled_here() {
        TroubledBundleStore store = troubled(SLOW);
        Bundles bundles =
                bundles(store, SLOW, OnStoreFailure.CLOSED, Sealer.NONE, conversation -> conversation.user() == 7);
        bundles.add(Conversation.of(BOT, 7), says(1, "mine"));
        bundles.add(Conversation.of(BOT, 8), says(1, "anybody's"));
        assertThat(bundles.messagesHere()).isEqualTo(1);
        assertThat(store.standing(BOT).people()).isEqualTo(1);
        bundles.add(new Conversation(BOT, -5, 8), says(1, "theirs"));
        assertThat(bundles.forget(BOT, 8)).isEqualTo(2);
        assertThat(store.standing(BOT).people()).isZero();
        bundles.close();
        assertThat(dropped).hasValue(1);
        assertThat(bundles.forget(BOT, 7)).isEqualTo(1);
        assertThat(bundles.messagesHere()).isZero();
    }

    @Test
    void whoever_leaves_while_it_waits_takes_nothing_with_it() throws Exception {
        Bundles bundles = bundles(troubled(SLOW), SLOW, OnStoreFailure.CLOSED);
        var gone = new CompletableFuture<Void>();
        var waiting = new CompletableFuture<List<Bundle>>();
        Thread.startVirtualThread(() -> {
            try {
                waiting.complete(bundles.claim(BOT, 1, Bundles.LONGEST_LEASE, NOT_HANGING, gone));
            } catch (InterruptedException e) {
                waiting.completeExceptionally(e);
            }
        });
        await().atMost(NOT_HANGING).until(() -> bundles.waiting() == 1);
        gone.complete(null);
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isEmpty();
        assertThat(bundles.waiting()).isZero();
        bundles.add(Conversation.of(BOT, 7), says(1, "/a"));
        assertThat(bundles.claim(BOT, 1, LEASE, Duration.ZERO, gone)).isEmpty();
        assertThat(bundles.claim(BOT, 1, LEASE, Duration.ZERO, new CompletableFuture<>()))
                .hasSize(1);
    }

    @Test
    void news_that_are_lost_cost_a_second_and_no_message() {
        TroubledBundleStore store = troubled(SLOW);
        store.loseNews();
        Bundler bundler = start(bundles(store, SLOW, OnStoreFailure.CLOSED), handled::add);
        for (int id = 1; id <= 2; id++) {
            bundler.add(7, says(id, "/a"));
            awaitHandled(id);
        }
    }

    @Test
    void on_three_processes_every_message_is_in_one_bundle_and_in_order() {
        var settings = BundleSettings.DEFAULT.withQuiet(Duration.ofMillis(30), Duration.ofMillis(60));
        BundleStore store = store(settings);
        var bundlers = new ArrayList<Bundler>();
        for (int i = 0; i < 3; i++) {
            bundlers.add(start(bundles(new TroubledBundleStore(store), settings, OnStoreFailure.CLOSED), handled::add));
        }
        for (int id = 1; id <= 60; id++) {
            for (int user = 1; user <= 5; user++) {
                bundlers.get((id + user) % 3).add(user, says(id, id % 20 == 0 ? "/now" : "text " + id));
            }
        }
        await().atMost(NOT_HANGING)
                .until(() -> handled.stream()
                                .mapToInt(bundle -> bundle.messages().size())
                                .sum()
                        == 300);
        for (int user = 1; user <= 5; user++) {
            long self = user;
            assertThat(handled.stream()
                            .filter(bundle -> bundle.conversation().user() == self)
                            .flatMap(bundle -> bundle.messages().stream())
                            .map(TalkMessage::id))
                    .isSorted()
                    .doesNotHaveDuplicates()
                    .hasSize(60);
        }
    }
}
