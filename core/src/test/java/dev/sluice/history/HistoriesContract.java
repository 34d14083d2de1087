package dev.sluice.history;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.history.HistoryLists.Line;
import dev.sluice.history.HistoryLists.Selection;
import dev.sluice.history.HistoryLists.State;
import dev.sluice.limit.SettableMicros;
import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.PrivacyLevels;
import dev.sluice.redis.KeyDigest;
import dev.sluice.telegram.BotId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What histories promise wherever they are, by a clock that stands still until it is set. */
@Timeout(60)
abstract class HistoriesContract {
    static final HistoryKey ANN = new HistoryKey(new BotId(77), 42);
    static final HistoryKey GROUP = new HistoryKey(new BotId(77), -100_123);
    static final HistorySettings SETTINGS = HistorySettings.DEFAULT
            .withBounds(new HistoryBounds(70, Duration.ofHours(1), 1_000))
            .withWithin(Duration.ofSeconds(5));

    final SettableMicros clock = new SettableMicros();
    final PrivacyLevels levels = PrivacyLevels.inMemory();
    final Events events = new Events();
    final List<Histories> open = new CopyOnWriteArrayList<>();

    abstract HistoriesBuilder builder();

    /** As many as see each other. */
    List<Histories> replicas() {
        return List.of(made(builder()));
    }

    Histories made(HistoriesBuilder builder) {
        Histories made = builder.settings(SETTINGS)
                .privacy(levels)
                .events(events)
                .clock(clock)
                .build();
        open.add(made);
        return made;
    }

    @AfterEach
    void close() {
        open.forEach(Histories::close);
    }

    /** Counts. */
    static final class Events implements HistoryEvents {
        final AtomicInteger hits = new AtomicInteger();
        final AtomicInteger misses = new AtomicInteger();
        final AtomicInteger loads = new AtomicInteger();
        final AtomicInteger failedLoads = new AtomicInteger();
        final AtomicInteger away = new AtomicInteger();
        final AtomicInteger dropped = new AtomicInteger();

        @Override
        public void read(boolean found) {
            (found ? hits : misses).incrementAndGet();
        }

        @Override
        public void loaded(boolean answered) {
            (answered ? loads : failedLoads).incrementAndGet();
        }

        @Override
        public void unavailable() {
            away.incrementAndGet();
        }

        @Override
        public void dropped(int entries) {
            dropped.addAndGet(entries);
        }
    }

    /** A bot's database, all in one list. */
    static final class Database implements HistoryStore {
        record Row(HistoryKey key, NewEntry entry) {}

        final List<Row> rows = new CopyOnWriteArrayList<>();
        final AtomicInteger loads = new AtomicInteger();

        @Override
        public List<NewEntry> load(HistoryKey key, HistoryBounds bounds) {
            loads.incrementAndGet();
            return rows.stream()
                    .filter(row -> row.key.equals(key))
                    .map(Row::entry)
                    .toList();
        }

        @Override
        public void append(HistoryKey key, List<NewEntry> entries) {
            for (NewEntry entry : entries) {
                if (rows.stream()
                        .noneMatch(row -> row.key.equals(key) && row.entry.id().equals(entry.id()))) {
                    rows.add(new Row(key, entry));
                }
            }
        }

        @Override
        public void clear(HistoryKey key) {
            rows.removeIf(row -> row.key.equals(key));
        }

        @Override
        public long forget(long user) {
            long before = rows.size();
            rows.removeIf(row -> row.key.chat() == user || row.entry.user().equals(OptionalLong.of(user)));
            return before - rows.size();
        }
    }

    static NewEntry says(String text) {
        return NewEntry.of(ChatRole.USER, text).id(text).tokens(1);
    }

    static List<String> texts(History history) {
        return history.entries().stream().map(HistoryEntry::text).toList();
    }

    private Instant now() {
        return Instant.EPOCH.plus(clock.getAsLong(), ChronoUnit.MICROS);
    }

    @Test
    void what_was_appended_is_there_in_its_order_with_all_that_was_brought() {
        Histories histories = made(builder());
        assertThat(histories.read(GROUP)).isEqualTo(new History(List.of(), 0, true));
        Instant before = now().minusSeconds(30);
        Appended first = histories.append(
                GROUP,
                List.of(
                        NewEntry.of(ChatRole.USER, "Wie spät?").id(17).from(42).at(before),
                        NewEntry.of(ChatRole.SYSTEM, "").tokens(0)));
        assertThat(first.added()).isEqualTo(2);
        clock.advance(Duration.ofSeconds(1));
        Appended second = histories.append(
                GROUP,
                List.of(NewEntry.of(ChatRole.ASSISTANT, "Late \ud83d\ude00, \ud83d")
                        .id("answer to 17")));
        assertThat(second.version()).isGreaterThan(first.version());
        History read = histories.read(GROUP);
        assertThat(read.version()).isEqualTo(second.version());
        assertThat(read.complete()).isTrue();
        assertThat(read.entries().get(0))
                .isEqualTo(new HistoryEntry(ChatRole.USER, "Wie spät?", "17", before, OptionalLong.of(42), 4 + 3));
        assertThat(read.entries().get(1).tokens()).isZero();
        assertThat(read.entries().get(1).id()).hasSize(36);
        assertThat(read.entries().get(2).text()).isEqualTo("Late \ud83d\ude00, \ufffd");
        assertThat(read.entries().get(2).time()).isEqualTo(now());
        assertThat(read.entries().get(2).user()).isEmpty();
        assertThat(histories.read(new HistoryKey(new BotId(78), GROUP.chat())).isEmpty())
                .isTrue();
        assertThat(histories.read(ANN).isEmpty()).isTrue();
    }

    @Test
    void an_id_that_comes_again_is_there_once() {
        Histories histories = made(builder());
        Appended first = histories.append(ANN, List.of(says("a"), says("b"), says("a")));
        assertThat(first.added()).isEqualTo(2);
        assertThat(first.duplicates()).isEqualTo(1);
        Appended again = histories.append(
                ANN, List.of(NewEntry.of(ChatRole.USER, "other").id("b")));
        assertThat(again.added()).isZero();
        assertThat(again.version()).isEqualTo(first.version());
        assertThat(texts(histories.read(ANN))).containsExactly("a", "b");
    }

    @Test
    void the_order_is_that_of_appending_whatever_the_times_say() {
        Histories histories = made(builder());
        histories.append(ANN, List.of(says("second").at(now())));
        histories.append(ANN, List.of(says("first").at(now().minusSeconds(60))));
        histories.append(ANN, List.of(says("tomorrow").at(now().plusSeconds(86_400))));
        History read = histories.read(ANN);
        assertThat(texts(read)).containsExactly("second", "first", "tomorrow");
        assertThat(read.entries().getLast().time()).isEqualTo(now());
    }

    @Test
    void the_oldest_goes_first_by_count_by_tokens_and_by_age() {
        Histories histories = made(builder());
        for (int i = 1; i <= 80; i++) {
            histories.append(ANN, List.of(says("e" + i)));
        }
        assertThat(texts(histories.read(ANN))).hasSize(70).startsWith("e11").endsWith("e80");
        histories.append(ANN, List.of(says("long").tokens(990)));
        assertThat(texts(histories.read(ANN))).hasSize(11).startsWith("e71").endsWith("long");
        clock.advance(SETTINGS.keep().minusMillis(1));
        histories.append(ANN, List.of(says("older").at(now().minus(Duration.ofMinutes(59)))));
        assertThat(texts(histories.read(ANN))).endsWith("long", "older");
        clock.advance(Duration.ofMinutes(1));
        assertThat(texts(histories.read(ANN))).endsWith("long");
    }

    @Test
    void what_alone_is_too_much_stays_alone_and_is_shown_to_whoever_has_room() {
        Histories histories = made(builder());
        histories.append(ANN, List.of(says("a"), says("huge").tokens(5_000)));
        assertThat(texts(histories.read(ANN))).containsExactly("huge");
        assertThat(histories.read(ANN, 10, 1_000).isEmpty()).isTrue();
        histories.append(ANN, List.of(says("b")));
        assertThat(texts(histories.read(ANN))).containsExactly("b");
    }

    @Test
    void a_reader_says_how_many_and_how_much() {
        Histories histories = made(builder());
        histories.append(ANN, List.of(says("a"), says("b").tokens(10), says("c"), says("d")));
        assertThat(texts(histories.read(ANN, 2, 1_000))).containsExactly("c", "d");
        assertThat(texts(histories.read(ANN, 9, 11))).containsExactly("c", "d");
        assertThat(texts(histories.read(ANN, 9, 12))).containsExactly("b", "c", "d");
        assertThat(histories.read(ANN, 9, 12).tokens()).isEqualTo(12);
    }

    @Test
    void a_history_ends_its_time_after_the_last_append_and_reading_makes_no_difference() {
        Histories histories = made(builder());
        histories.append(ANN, List.of(says("a")));
        clock.advance(SETTINGS.keep().minusMillis(1));
        histories.append(ANN, List.of(says("b")));
        clock.advance(SETTINGS.keep().minusMillis(1));
        assertThat(texts(histories.read(ANN))).containsExactly("a", "b");
        clock.advance(Duration.ofMillis(1));
        assertThat(histories.read(ANN)).isEqualTo(new History(List.of(), 0, true));
        histories.append(ANN, List.of(says("c")));
        assertThat(texts(histories.read(ANN))).containsExactly("c");
    }

    @Test
    void of_64_appends_at_once_none_is_lost_and_the_order_is_that_of_their_versions() throws Exception {
        List<Histories> all = replicas();
        Map<Long, String> byVersion = new TreeMap<>(new ConcurrentHashMap<>());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Map.Entry<Long, String>>> appends = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                String text = "e" + i;
                Histories histories = all.get(i % all.size());
                appends.add(threads.submit(() ->
                        Map.entry(histories.append(ANN, List.of(says(text))).version(), text)));
            }
            for (var append : appends) {
                byVersion.put(append.get().getKey(), append.get().getValue());
            }
        }
        assertThat(byVersion).hasSize(64);
        assertThat(texts(all.getFirst().read(ANN))).containsExactlyElementsOf(byVersion.values());
    }

    @Test
    void a_miss_is_loaded_once_for_all_who_want_it_and_known_from_then_on() throws Exception {
        var database = new Database();
        database.append(ANN, List.of(says("a").at(now()), says("b").at(now())));
        var go = new CountDownLatch(1);
        HistoryStore slow = (key, bounds) -> {
            go.await();
            return database.load(key, bounds);
        };
        Histories histories = made(builder().store(slow));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<History>> reads = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                reads.add(threads.submit(() -> histories.read(ANN)));
            }
            go.countDown();
            for (Future<History> read : reads) {
                assertThat(texts(read.get())).containsExactly("a", "b");
                assertThat(read.get().complete()).isTrue();
            }
        }
        assertThat(database.loads).hasValue(1);
        assertThat(texts(histories.read(ANN))).containsExactly("a", "b");
        assertThat(database.loads).hasValue(1);
        assertThat(events.hits).hasPositiveValue();
        assertThat(events.loads).hasValue(1);
        clock.advance(SETTINGS.keep());
        assertThat(histories.read(ANN).complete()).isTrue();
        assertThat(database.loads).hasValue(2);
    }

    @Test
    void that_nothing_was_said_is_known_too() {
        var database = new Database();
        Histories histories = made(builder().store(database));
        for (int i = 0; i < 3; i++) {
            assertThat(histories.read(ANN).isEmpty()).isTrue();
            assertThat(histories.read(ANN).complete()).isTrue();
        }
        assertThat(database.loads).hasValue(1);
        assertThat(events.misses).hasValue(1);
        assertThat(events.hits).hasValue(5);
    }

    @Test
    void what_is_appended_while_it_is_loaded_is_neither_lost_nor_doubled() throws Exception {
        var database = new Database();
        database.append(ANN, List.of(says("a").at(now()), says("b").at(now())));
        var asked = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        HistoryStore slow = new HistoryStore() {
            @Override
            public List<NewEntry> load(HistoryKey key, HistoryBounds bounds) throws Exception {
                asked.countDown();
                go.await();
                return database.load(key, bounds);
            }

            @Override
            public void append(HistoryKey key, List<NewEntry> entries) {
                database.append(key, entries);
            }
        };
        Histories histories = made(builder().store(slow));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<History> read = threads.submit(() -> histories.read(ANN));
            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            // One that the store has by then, and one that it has not.
            histories.append(ANN, List.of(says("c")));
            histories.lists().orElseThrow().append(ANN, List.of(line("d")));
            go.countDown();
            assertThat(texts(read.get())).startsWith("a", "b", "c");
        }
        assertThat(texts(histories.read(ANN))).startsWith("a", "b", "c").hasSizeBetween(3, 4);
        assertThat(histories.lists().orElseThrow().read(ANN, Selection.ALL).entries())
                .hasSize(4);
        histories.append(ANN, List.of(says("a"), says("c"), says("e")));
        assertThat(texts(histories.read(ANN))).endsWith("e").doesNotHaveDuplicates();
    }

    @Test
    void what_is_loaded_after_it_was_cleared_is_refused() {
        Histories histories = made(builder().store(new Database()));
        HistoryLists lists = histories.lists().orElseThrow();
        assertThat(lists.lease(ANN, Selection.NOTHING, "f1", Duration.ofSeconds(5))
                        .state())
                .isEqualTo(State.LOAD);
        assertThat(lists.lease(ANN, Selection.NOTHING, "f2", Duration.ofSeconds(5))
                        .state())
                .isEqualTo(State.WAIT);
        histories.clear(ANN);
        assertThat(lists.fill(ANN, "f1", List.of(line("old")))).isFalse();
        assertThat(histories.read(ANN).isEmpty()).isTrue();
        assertThat(lists.lease(ANN, Selection.NOTHING, "f3", Duration.ofSeconds(5))
                        .state())
                .isEqualTo(State.LOADED);
    }

    @Test
    void a_lease_passes_on_when_its_time_is_over_and_then_only_its_fence_fills() {
        HistoryLists lists = made(builder()).lists().orElseThrow();
        lists.append(GROUP, List.of(line("b")));
        var length = Duration.ofSeconds(5);
        assertThat(lists.lease(GROUP, Selection.NOTHING, "f1", length).state()).isEqualTo(State.LOAD);
        clock.advance(length.minusMillis(1));
        assertThat(lists.lease(GROUP, Selection.ALL, "f2", length).state()).isEqualTo(State.WAIT);
        assertThat(lists.lease(GROUP, Selection.ALL, "f2", length).entries()).hasSize(1);
        clock.advance(Duration.ofMillis(1));
        assertThat(lists.lease(GROUP, Selection.NOTHING, "f2", length).state()).isEqualTo(State.LOAD);
        assertThat(lists.fill(GROUP, "f1", List.of(line("x")))).isFalse();
        lists.release(GROUP, "f1");
        assertThat(lists.fill(GROUP, "f2", List.of(line("a"), line("b")))).isTrue();
        assertThat(lists.fill(GROUP, "f2", List.of(line("x")))).isFalse();
        assertThat(lists.read(GROUP, Selection.ALL).entries().stream().map(kept -> new String(kept.content(), UTF_8)))
                .containsExactly("a", "b");
        clock.advance(SETTINGS.keep());
        assertThat(lists.lease(GROUP, Selection.ALL, "f3", length).entries()).isEmpty();
        lists.release(GROUP, "f3");
        assertThat(lists.lease(GROUP, Selection.ALL, "f4", length).state()).isEqualTo(State.LOAD);
    }

    @Test
    void one_of_those_who_ask_loads_and_what_it_brings_is_put_among_what_was_said() {
        Histories histories = made(builder());
        ClientLoads loads = histories.clientLoads();
        var lease = Duration.ofSeconds(5);
        ClientLoads.Found first = loads.find(ANN, 10, 100, lease);
        assertThat(first.loaded()).isFalse();
        assertThat(loads.find(ANN, 10, 100, lease).fence()).isEmpty();
        histories.append(ANN, List.of(says("b")));
        assertThat(loads.fill(ANN, "other", List.of(says("x")))).isFalse();
        assertThat(loads.fill(
                        ANN,
                        first.fence().orElseThrow(),
                        List.of(says("a").at(now()), says("b").at(now()))))
                .isTrue();
        ClientLoads.Found then = loads.find(ANN, 10, 100, lease);
        assertThat(then.loaded()).isTrue();
        assertThat(texts(then.history())).containsExactly("a", "b");
        clock.advance(SETTINGS.keep());
        String fence = loads.find(ANN, 10, 100, lease).fence().orElseThrow();
        histories.clear(ANN);
        assertThat(loads.fill(ANN, fence, List.of(says("old")))).isFalse();
        levels.set(42, PrivacyLevel.NONE);
        assertThat(loads.find(ANN, 10, 100, lease).loaded()).isTrue();
        assertThatThrownBy(() -> loads.find(ANN, 10, 100, Duration.ZERO)).hasMessageContaining("100 ms to 60 s");
    }

    @Test
    void with_a_store_that_fails_what_was_appended_is_there_and_said_not_to_be_all() {
        var failing = new AtomicInteger(1);
        var database = new Database();
        HistoryStore store = (key, bounds) -> {
            if (failing.get() > 0) {
                throw new IllegalStateException("secret");
            }
            return database.load(key, bounds);
        };
        database.append(ANN, List.of(says("a").at(now())));
        Histories histories = made(builder().store(store));
        histories.append(ANN, List.of(says("b")));
        History partly = histories.read(ANN);
        assertThat(texts(partly)).containsExactly("b");
        assertThat(partly.complete()).isFalse();
        assertThat(events.failedLoads).hasValue(1);
        failing.set(0);
        assertThat(texts(histories.read(ANN))).containsExactly("a", "b");
    }

    @Test
    void a_store_that_does_not_take_an_append_keeps_it_from_being_known_and_one_that_hangs_is_left() {
        var never = new CountDownLatch(1);
        HistoryStore failing = new HistoryStore() {
            @Override
            public List<NewEntry> load(HistoryKey key, HistoryBounds bounds) throws Exception {
                never.await();
                return List.of();
            }

            @Override
            public void append(HistoryKey key, List<NewEntry> entries) throws Exception {
                throw new IOException("secret");
            }
        };
        Histories histories = builder()
                .settings(SETTINGS.withWithin(Duration.ofMillis(50)))
                .clock(clock)
                .store(failing)
                .build();
        open.add(histories);
        assertThatThrownBy(() -> histories.append(ANN, List.of(says("a"))))
                .isInstanceOf(HistoryStoreException.class)
                .message()
                .doesNotContain("secret");
        History read = histories.read(ANN);
        assertThat(read.isEmpty()).isTrue();
        assertThat(read.complete()).isFalse();
    }

    @Test
    void clearing_leaves_nothing_and_says_how_much_there_was() {
        var database = new Database();
        Histories histories = made(builder().store(database));
        histories.append(ANN, List.of(says("a"), says("b")));
        histories.append(GROUP, List.of(says("g")));
        assertThat(database.rows).hasSize(3);
        assertThat(histories.clear(ANN)).isEqualTo(2);
        assertThat(histories.clear(ANN)).isZero();
        assertThat(database.rows).hasSize(1);
        assertThat(histories.read(ANN).isEmpty()).isTrue();
        assertThat(texts(histories.read(GROUP))).containsExactly("g");
    }

    @Test
    void of_a_user_who_is_forgotten_nothing_is_left_anywhere() {
        var database = new Database();
        Histories histories = made(builder().store(database));
        histories.append(ANN, List.of(says("a"), NewEntry.of(ChatRole.ASSISTANT, "to a")));
        histories.append(
                GROUP,
                List.of(says("theirs").from(42), says("others").from(43), NewEntry.of(ChatRole.ASSISTANT, "bot's")));
        HistoryKey loading = new HistoryKey(new BotId(77), -5);
        HistoryLists lists = histories.lists().orElseThrow();
        lists.lease(loading, Selection.NOTHING, "f", Duration.ofSeconds(5));
        assertThat(histories.family()).isEqualTo("recent_history");
        assertThat(histories.forget(42)).isEqualTo(6);
        assertThat(histories.forget(42)).isZero();
        assertThat(lists.fill(loading, "f", List.of(line("theirs")))).isFalse();
        assertThat(histories.read(ANN).isEmpty()).isTrue();
        assertThat(texts(histories.read(GROUP))).containsExactly("others", "bot's");
        assertThat(database.rows).hasSize(2);
    }

    @Test
    void what_a_user_of_level_none_says_is_read_where_it_was_said_and_no_store_has_it() {
        var database = new Database();
        Histories histories = made(builder().store(database));
        levels.set(42, PrivacyLevel.NONE);
        histories.append(ANN, List.of(says("a"), NewEntry.of(ChatRole.ASSISTANT, "to a")));
        assertThat(histories.append(ANN, List.of(says("a"))).shared()).isFalse();
        histories.append(
                GROUP,
                List.of(
                        says("one").from(43),
                        says("two").from(42),
                        says("three").from(43)));
        clock.advance(Duration.ofSeconds(1));
        histories.append(GROUP, List.of(says("four").from(42)));
        clock.advance(Duration.ofSeconds(1));
        histories.append(GROUP, List.of(says("five").from(43)));
        assertThat(texts(histories.read(ANN))).containsExactly("a", "to a");
        assertThat(texts(histories.read(GROUP))).containsExactly("one", "two", "three", "four", "five");
        assertThat(texts(histories.read(GROUP, 2, 100))).containsExactly("four", "five");
        assertThat(database.rows).extracting(row -> row.entry().text()).containsExactly("one", "three", "five");
        assertThat(histories.forgetText(42)).isZero();
        assertThat(texts(histories.read(ANN))).containsExactly("a", "to a");
        assertThat(histories.forget(42)).isEqualTo(4);
        assertThat(texts(histories.read(GROUP))).containsExactly("one", "three", "five");
    }

    @Test
    void of_what_a_store_has_nevertheless_a_user_of_level_none_is_left_out() {
        var database = new Database();
        Histories histories = made(builder().store(database));
        levels.set(42, PrivacyLevel.NONE);
        database.append(
                GROUP,
                List.of(says("one").from(43).at(now()), says("two").from(42).at(now())));
        database.append(ANN, List.of(says("a").at(now())));
        assertThat(texts(histories.read(GROUP))).containsExactly("one");
        assertThat(histories.read(ANN).isEmpty()).isTrue();
    }

    @Test
    void what_is_no_entry_is_refused_and_shown_nowhere() {
        Histories histories = made(builder());
        assertThatThrownBy(() -> NewEntry.of(ChatRole.USER, "secret".repeat(11_000)))
                .hasMessageContaining("65536 bytes")
                .message()
                .doesNotContain("secret");
        assertThatThrownBy(() -> says("a").id("secret".repeat(30)))
                .hasMessageContaining("1 to 128 characters, not 180")
                .message()
                .doesNotContain("secret");
        assertThatThrownBy(() -> says("a").tokens(-1)).hasMessageContaining("0 to 1000000, not -1");
        assertThatThrownBy(() -> says("a").from(0)).hasMessageContaining("1 to 2^53, not 0");
        assertThatThrownBy(() -> says("a").at(Instant.MIN)).hasMessageContaining("1970");
        assertThatThrownBy(
                        () -> histories.append(ANN, List.of(says("a"), says("b").from(43))))
                .hasMessageContaining("42, not 43");
        assertThatThrownBy(() -> histories.append(ANN, List.of())).hasMessageContaining("1 to 100, not 0");
        assertThatThrownBy(() -> histories.read(ANN, 501, 1)).hasMessageContaining("1 to 500, not 501");
        assertThatThrownBy(() -> ChatRole.of("secret"))
                .hasMessageContaining("user, assistant, system")
                .message()
                .doesNotContain("secret");
        assertThatThrownBy(() -> new HistoryKey(new BotId(1), 0)).hasMessageContaining("not 0");
        assertThat(histories.read(ANN).isEmpty()).isTrue();
        assertThat(says("secret").toString() + histories.read(ANN)).doesNotContain("secret");
        assertThat(Arrays.stream(ChatRole.values()).map(role -> ChatRole.of(role.word())))
                .containsExactly(ChatRole.values());
    }

    Line line(String text) {
        return new Line(KeyDigest.hex(text), HistoryLists.NOW, 1, 0, text.getBytes(UTF_8));
    }
}
