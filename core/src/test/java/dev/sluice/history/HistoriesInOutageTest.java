package dev.sluice.history;

import static dev.sluice.history.HistoriesFixture.ANN;
import static dev.sluice.history.HistoriesFixture.GROUP;
import static dev.sluice.history.HistoriesFixture.says;
import static dev.sluice.history.HistoriesFixture.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.encryption.KeyRing;
import dev.sluice.history.HistoriesFixture.Database;
import dev.sluice.history.HistoriesFixture.Events;
import dev.sluice.history.HistoryLists.Selection;
import dev.sluice.history.HistoryLists.State;
import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.PrivacyLevels;
import dev.sluice.redis.ClusterFixture;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisEvents;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.redis.RedisSettings;
import dev.sluice.redis.RedisStore;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of histories while Redis, a process or whoever knows the privacy levels is away. */
@Timeout(120)
class HistoriesInOutageTest {
    static final HistorySettings SETTINGS = HistorySettings.DEFAULT.withWithin(Duration.ofSeconds(1));
    private static final Duration NOT_HANGING = Duration.ofSeconds(60);
    private static final KeyRing RING = KeyRing.random();

    private final Events events = new Events();

    static RedisStore connect(String uri) {
        return RedisStore.connect(RedisSettings.parse(uri).withCommandTimeout(Duration.ofSeconds(1)), RedisEvents.NONE);
    }

    private Histories histories(RedisStore store, Optional<HistoryStore> database) {
        HistoriesBuilder builder = Histories.onRedis(store, KeySpace.DEFAULT)
                .settings(SETTINGS)
                .sealer(RING)
                .events(events);
        database.ifPresent(builder::store);
        return builder.build();
    }

    private static void awaitAnswer(Histories histories) {
        await().atMost(NOT_HANGING)
                .ignoreExceptions()
                .until(() -> histories.lists().orElseThrow().read(ANN, Selection.NOTHING) != null);
    }

    @Test
    void while_redis_is_frozen_appends_wait_here_and_reads_go_on_and_then_all_of_it_is_there_once() throws Exception {
        var database = new Database();
        try (RedisProcess redis = RedisFixture.start();
                RedisStore store = connect(redis.uri());
                RedisStore elsewhere = connect(redis.uri());
                Histories one = histories(store, Optional.of(database));
                Histories alone = histories(store, Optional.empty());
                Histories other = histories(elsewhere, Optional.empty())) {
            awaitAnswer(one);
            awaitAnswer(other);
            // Once: an append whose answer is late is shared later, and asked again it would be another entry.
            assertThat(one.append(ANN, List.of(says("a"))).added()).isEqualTo(1);
            await().atMost(NOT_HANGING).until(() -> one.owedChats() == 0);
            redis.freeze();
            Appended waits = one.append(ANN, List.of(says("b")));
            assertThat(waits.shared()).isFalse();
            assertThat(waits.added()).isEqualTo(1);
            assertThat(alone.append(GROUP, List.of(says("x"), says("y"))).shared())
                    .isFalse();
            assertThat(texts(one.read(ANN))).containsExactly("a", "b");
            assertThat(one.read(ANN).complete()).isFalse();
            assertThat(texts(alone.read(GROUP))).containsExactly("x", "y");
            assertThat(alone.read(ANN).isEmpty()).isTrue();
            assertThat(alone.owedChats()).isEqualTo(1);
            assertThatThrownBy(() -> alone.clear(ANN)).isInstanceOf(RedisUnavailableException.class);
            redis.thaw();
            await().atMost(NOT_HANGING).until(() -> one.owedChats() + alone.owedChats() == 0);
            await().atMost(NOT_HANGING)
                    .untilAsserted(() -> assertThat(texts(other.read(ANN))).containsExactly("a", "b"));
            assertThat(texts(other.read(GROUP))).containsExactly("x", "y");
            assertThat(database.rows).extracting(row -> row.entry().text()).containsExactly("a", "b");
            assertThat(events.away).hasPositiveValue();
            assertThat(events.dropped).hasValue(0);
        }
    }

    @Test
    void what_waits_is_bounded_and_what_has_no_room_is_refused() throws Exception {
        try (RedisProcess redis = RedisFixture.start();
                RedisStore store = connect(redis.uri());
                Histories histories = Histories.onRedis(store, KeySpace.DEFAULT)
                        .settings(SETTINGS.withMemory(HistorySettings.LEAST_MEMORY))
                        .events(events)
                        .build()) {
            awaitAnswer(histories);
            redis.freeze();
            NewEntry large = NewEntry.of(ChatRole.USER, "x".repeat(6_000));
            assertThat(histories.append(ANN, List.of(large)).shared()).isFalse();
            assertThatThrownBy(() -> histories.append(GROUP, List.of(large)))
                    .isInstanceOf(RedisUnavailableException.class);
            assertThat(events.dropped).hasValue(1);
            redis.thaw();
        }
    }

    @Test
    void when_redis_is_killed_between_loading_and_writing_the_reader_has_what_was_loaded_and_the_next_loads_again()
            throws Exception {
        var database = new Database();
        try (RedisProcess redis = RedisFixture.start("appendonly yes", "appendfsync always");
                RedisStore store = connect(redis.uri())) {
            HistoryStore fatal = new HistoryStore() {
                @Override
                public List<NewEntry> load(HistoryKey key, HistoryBounds bounds) {
                    if (database.loads.get() == 0) {
                        redis.kill();
                    }
                    return database.load(key, bounds);
                }

                @Override
                public void append(HistoryKey key, List<NewEntry> entries) {
                    database.append(key, entries);
                }
            };
            try (Histories histories = histories(store, Optional.of(fatal))) {
                awaitAnswer(histories);
                database.append(ANN, List.of(says("a")));
                assertThat(texts(histories.read(ANN))).containsExactly("a");
                assertThat(histories.append(ANN, List.of(says("b"))).shared()).isFalse();
                redis.restart();
                await().atMost(NOT_HANGING)
                        .until(() -> histories.read(ANN).complete()
                                && histories
                                                .lists()
                                                .orElseThrow()
                                                .read(ANN, Selection.ALL)
                                                .state()
                                        == State.LOADED);
                assertThat(texts(histories.read(ANN))).containsExactly("a", "b");
                assertThat(histories
                                .lists()
                                .orElseThrow()
                                .read(ANN, Selection.ALL)
                                .entries())
                        .hasSize(2);
                assertThat(database.rows).hasSize(2);
            }
        }
    }

    @Test
    void when_a_process_is_killed_while_it_loads_another_does_once_its_lease_is_over() throws Exception {
        var database = new Database();
        database.append(ANN, List.of(says("a")));
        try (RedisProcess redis = RedisFixture.start();
                RedisStore store = connect(redis.uri());
                Histories histories = histories(store, Optional.of(database))) {
            try (LoadingProcess process = LoadingProcess.start(redis.uri())) {
                process.awaitLoading();
            }
            histories.append(ANN, List.of(says("b")));
            History read = histories.read(ANN);
            assertThat(texts(read)).containsExactly("a", "b");
            assertThat(read.complete()).isTrue();
            assertThat(histories.lists().orElseThrow().read(ANN, Selection.ALL).state())
                    .isEqualTo(State.LOADED);
        }
    }

    /** Levels that nobody can tell. */
    private static final class Levels implements PrivacyLevels {
        final Map<Long, PrivacyLevel> known = new ConcurrentHashMap<>();

        @Override
        public PrivacyLevel find(long user) {
            return Optional.ofNullable(known.get(user))
                    .orElseThrow(() -> new RedisUnavailableException("away", false, null));
        }

        @Override
        public boolean set(long user, PrivacyLevel level) {
            return known.put(user, level) != level;
        }
    }

    @Test
    void while_nobody_can_tell_a_users_level_their_text_waits_here_and_goes_where_it_may_then() throws Exception {
        var levels = new Levels();
        var database = new Database();
        try (RedisStore store = connect(RedisFixture.shared().uri());
                Histories histories = Histories.onRedis(store, KeySpace.DEFAULT)
                        .store(database)
                        .sealer(RING)
                        .privacy(levels)
                        .build()) {
            RedisFixture.shared().flush();
            awaitAnswer(histories);
            histories.append(GROUP, List.of(says("one").from(42), says("two").from(43)));
            histories.append(ANN, List.of(says("a")));
            assertThat(texts(histories.read(ANN))).containsExactly("a");
            assertThat(database.rows).isEmpty();
            assertThat(RedisFixture.shared().commands().keys("*")).isEmpty();
            levels.set(42, PrivacyLevel.NONE);
            levels.set(43, PrivacyLevel.FULL);
            await().atMost(NOT_HANGING).until(() -> histories.owedChats() == 0);
            assertThat(database.rows).extracting(row -> row.entry().text()).containsExactly("two");
            assertThat(histories
                            .lists()
                            .orElseThrow()
                            .read(GROUP, Selection.ALL)
                            .entries())
                    .hasSize(1);
            assertThat(texts(histories.read(GROUP))).containsExactlyInAnyOrder("one", "two");
            assertThat(texts(histories.read(ANN))).containsExactly("a");
            assertThat(RedisFixture.shared().commands().keys("*"))
                    .containsExactly("sluice:recent_history:{-100123}:77");
        }
    }

    @Test
    void what_another_process_forgets_while_it_waits_here_is_never_written() throws Exception {
        var levels = new Levels();
        levels.set(44, PrivacyLevel.NONE);
        var dave = new HistoryKey(new BotId(77), 44);
        try (RedisStore store = connect(RedisFixture.shared().uri());
                Histories histories = Histories.onRedis(store, KeySpace.DEFAULT)
                        .sealer(RING)
                        .privacy(levels)
                        .events(events)
                        .build()) {
            RedisFixture.shared().flush();
            awaitAnswer(histories);
            histories.append(
                    GROUP,
                    List.of(
                            says("one").from(42),
                            says("two").from(43),
                            says("three").from(44)));
            histories.append(ANN, List.of(says("a")));
            histories.append(dave, List.of(says("d")));
            histories.forgetCopiesHere(42);
            histories.forgetHere(42);
            assertThat(texts(histories.read(ANN))).isEmpty();
            assertThat(texts(histories.read(GROUP))).containsExactlyInAnyOrder("two", "three");
            histories.forgetHere(44);
            assertThat(texts(histories.read(dave))).isEmpty();
            histories.append(dave, List.of(says("later")));
            assertThat(texts(histories.read(dave))).containsExactly("later");

            histories.append(GROUP, List.of(says("four").from(42)));
            histories.forgetEverybodyHere();
            assertThat(texts(histories.read(GROUP))).isEmpty();
            assertThat(texts(histories.read(dave))).isEmpty();
            assertThat(events.dropped).as("entries that waited").hasValue(2);
            levels.set(42, PrivacyLevel.FULL);
            levels.set(43, PrivacyLevel.FULL);
            histories.append(GROUP, List.of(says("five").from(43)));
            assertThat(texts(histories.read(GROUP))).containsExactly("five");
        }
    }

    @Test
    void what_cannot_be_written_yet_although_redis_is_back_keeps_nobody_from_reading_what_is_there() throws Exception {
        var levels = new Levels();
        levels.set(43, PrivacyLevel.FULL);
        var storeFails = new AtomicBoolean();
        HistoryStore fails = new HistoryStore() {
            @Override
            public List<NewEntry> load(HistoryKey key, HistoryBounds bounds) {
                return List.of();
            }

            @Override
            public void append(HistoryKey key, List<NewEntry> entries) {
                if (storeFails.get()) {
                    throw new IllegalStateException("away");
                }
            }
        };
        try (RedisStore store = connect(RedisFixture.shared().uri());
                Histories histories = Histories.onRedis(store, KeySpace.DEFAULT)
                        .store(fails)
                        .sealer(RING)
                        .privacy(levels)
                        .build()) {
            RedisFixture.shared().flush();
            awaitAnswer(histories);
            histories.append(GROUP, List.of(says("one").from(43), says("two").from(43)));
            storeFails.set(true);
            histories.append(GROUP, List.of(says("three").from(42)));
            levels.set(42, PrivacyLevel.FULL);
            History read = histories.read(GROUP);
            assertThat(texts(read)).containsExactly("one", "two", "three");
            assertThat(read.complete()).isFalse();
            assertThat(texts(histories.read(GROUP, 2, 1_000))).containsExactly("two", "three");
            storeFails.set(false);
            await().atMost(NOT_HANGING).until(() -> histories.owedChats() == 0);
            assertThat(texts(histories.read(GROUP))).containsExactly("one", "two", "three");
        }
    }

    @Test
    void on_a_cluster_all_of_a_chat_lies_in_one_slot_and_a_user_is_forgotten_on_every_node() {
        try (var cluster = new ClusterFixture(3, 0);
                RedisStore store = RedisStore.connect(RedisFixture.patient(cluster.uri()), RedisEvents.NONE);
                Histories histories = histories(store, Optional.of(new Database()))) {
            await().atMost(NOT_HANGING).until(store::isConnected);
            for (int chat = 1; chat <= 12; chat++) {
                var key = new HistoryKey(new BotId(77), -chat);
                histories.append(
                        key, List.of(says("x" + chat).from(42), says("y" + chat).from(43)));
                assertThat(texts(histories.read(key))).hasSize(2);
            }
            histories.append(ANN, List.of(says("a")));
            assertThat(histories.forget(42)).isEqualTo(2 * 13);
            assertThat(texts(histories.read(new HistoryKey(new BotId(77), -7)))).containsExactly("y7");
        }
    }
}
