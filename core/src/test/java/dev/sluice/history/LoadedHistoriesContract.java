package dev.sluice.history;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.history.HistoryLists.Selection;
import dev.sluice.history.HistoryLists.State;
import dev.sluice.privacy.PrivacyLevel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What histories promise that are loaded from a store, wherever they are. */
@Timeout(60)
abstract class LoadedHistoriesContract extends HistoriesFixture {
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
}
