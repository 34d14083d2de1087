package dev.sluice.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.limit.SettableMicros;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What all deduplicators keep to, on a clock that the test sets. */
abstract class EventDeduplicatorContract {
    static final Duration LENGTH = Duration.ofHours(1);
    static final int MOST = 1_000;
    static final Duration MICROSECOND = Duration.ofNanos(1_000);
    static final String STREAM = "analytics";
    private static final int CALLERS = 64;

    final SettableMicros clock = new SettableMicros();
    EventDeduplicator events;

    /** Nothing in it; its time is the clock's. */
    abstract EventDeduplicator deduplicator(DedupeWindow window);

    @BeforeEach
    void open() {
        events = deduplicator(new DedupeWindow(LENGTH, MOST));
    }

    @Test
    void an_id_is_new_once_in_each_stream() {
        assertThat(events.firstSeen(STREAM, "click-1")).isTrue();
        assertThat(events.firstSeen(STREAM, "click-1")).isFalse();
        assertThat(events.firstSeen(STREAM, "click-2")).isTrue();
        assertThat(events.firstSeen("payments", "click-1")).isTrue();
    }

    @Test
    void ids_with_half_characters_are_told_apart_like_any_other() {
        assertThat(firsts(List.of("?", "\uD800", "\uD801", "\uDE00\uD83D", "\uD83D\uDE00", "a\uD800", "a\uD801")))
                .hasSize(7);
        assertThat(events.firstSeen(STREAM, "\uD801")).isFalse();
    }

    @Test
    void of_a_batch_the_positions_are_told_of_those_that_are_new() {
        events.firstSeen(STREAM, "b");

        assertThat(firsts(List.of("a", "b", "c", "a", "d"))).containsExactly(0, 2, 4);
        assertThat(firsts(List.of("d", "c", "b", "a"))).isEmpty();
        assertThat(firsts(List.of())).isEmpty();
    }

    @Test
    void every_id_of_the_largest_batch_is_told_apart() {
        assertThat(firsts(ids("x", 0, 1_000))).hasSize(1_000);
        assertThat(firsts(ids("x", 500, 1_500))).containsExactlyElementsOf(range(500, 1_000));
    }

    @Test
    void an_id_is_known_for_a_window_at_least_and_for_two_at_most() {
        events.firstSeen(STREAM, "early");
        clock.advance(LENGTH.minus(MICROSECOND));
        events.firstSeen(STREAM, "late");

        clock.advance(MICROSECOND);
        assertThat(events.firstSeen(STREAM, "early")).as("a window old").isFalse();
        clock.advance(LENGTH.minus(MICROSECOND.multipliedBy(2)));
        assertThat(events.firstSeen(STREAM, "late"))
                .as("just less than a window old")
                .isFalse();
        clock.advance(MICROSECOND.multipliedBy(2));
        assertThat(events.firstSeen(STREAM, "early")).as("two windows old").isTrue();
    }

    @Test
    void a_repeat_does_not_prolong_its_ids_window() {
        events.firstSeen(STREAM, "often");
        for (int i = 0; i < 7; i++) {
            clock.advance(LENGTH.dividedBy(4));
            assertThat(events.firstSeen(STREAM, "often")).isFalse();
        }
        clock.advance(LENGTH.dividedBy(4));
        assertThat(events.firstSeen(STREAM, "often")).isTrue();
    }

    @Test
    void a_stream_that_was_idle_for_two_windows_begins_anew() {
        events.firstSeen(STREAM, "a");
        clock.advance(LENGTH.multipliedBy(2));

        assertThat(events.firstSeen(STREAM, "a")).isTrue();
        assertThat(events.firstSeen(STREAM, "a")).isFalse();
    }

    @Test
    void an_id_is_known_until_as_many_newer_ones_came_as_a_window_holds() {
        events.firstSeen(STREAM, "a");
        events.firstSeen(STREAM, ids("x", 0, MOST - 1));
        assertThat(events.firstSeen(STREAM, "a")).isFalse();
        events.firstSeen(STREAM, ids("y", 0, MOST));
        assertThat(events.firstSeen(STREAM, "a"))
                .as("both generations are full")
                .isFalse();

        events.firstSeen(STREAM, "one more");
        assertThat(events.firstSeen(STREAM, "a")).isTrue();
        assertThat(firsts(ids("y", 0, MOST))).as("a generation newer").isEmpty();
    }

    @Test
    void a_batch_may_fill_a_generation_and_begin_the_next() {
        events.firstSeen(STREAM, ids("x", 0, 600));
        events.firstSeen(STREAM, ids("x", 600, 1_200));
        List<String> batch = new ArrayList<>(ids("x", 0, 100));
        batch.addAll(ids("y", 0, 900));

        assertThat(firsts(batch))
                .as("what was known when it came is a repeat")
                .containsExactlyElementsOf(range(100, 1_000));
        assertThat(firsts(ids("y", 0, 900))).isEmpty();
        assertThat(firsts(ids("x", 1_000, 1_200))).isEmpty();
        assertThat(firsts(ids("x", 0, 100))).as("forgotten by now").hasSize(100);
    }

    @Test
    void what_is_forgotten_is_new_once_more() {
        events.firstSeen(STREAM, List.of("a", "b", "c"));
        clock.advance(LENGTH);
        events.firstSeen(STREAM, List.of("d", "e"));

        assertThat(events.forget(STREAM, List.of("a", "d", "x", "a"))).isEqualTo(2);
        assertThat(firsts(List.of("a", "b", "c", "d", "e"))).containsExactly(0, 3);
        assertThat(events.forget("payments", List.of("a"))).isZero();
        assertThat(events.forget(STREAM, List.of())).isZero();
        clock.advance(LENGTH.multipliedBy(2));
        assertThat(events.forget(STREAM, List.of("b")))
                .as("forgotten long since")
                .isZero();
    }

    @Test
    void after_a_clock_that_jumped_back_an_id_is_known_for_two_windows_at_most() {
        events.firstSeen(STREAM, "a");
        clock.advance(Duration.ofDays(-10));

        assertThat(events.firstSeen(STREAM, "a")).isFalse();
        clock.advance(LENGTH.multipliedBy(2));
        assertThat(events.firstSeen(STREAM, "a")).isTrue();
    }

    @Test
    void of_64_callers_exactly_one_is_told_that_an_id_is_new_alone_or_in_a_batch() throws Exception {
        int count = 900; // fewer than a window holds
        var told = new AtomicIntegerArray(count);
        var start = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var callers = new ArrayList<Future<?>>();
            for (int caller = 0; caller < CALLERS; caller++) {
                var random = new Random(caller);
                int batch = caller % 2 == 0 ? 1 : 1 + random.nextInt(200);
                List<Integer> order = new ArrayList<>(range(0, count));
                Collections.shuffle(order, random);
                callers.add(threads.submit(() -> {
                    start.await();
                    askAll(order.subList(0, batch == 1 ? 100 : count), batch, told);
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> caller : callers) {
                caller.get(60, TimeUnit.SECONDS);
            }
        }
        for (int id = 0; id < count; id++) {
            assertThat(told.get(id)).as("id %d", id).isEqualTo(1);
        }
    }

    private void askAll(List<Integer> order, int batch, AtomicIntegerArray told) {
        for (int from = 0; from < order.size(); from += batch) {
            List<Integer> asked = order.subList(from, Math.min(order.size(), from + batch));
            if (batch == 1) {
                if (events.firstSeen(STREAM, "id-" + asked.getFirst())) {
                    told.incrementAndGet(asked.getFirst());
                }
            } else {
                events.firstSeen(STREAM, asked.stream().map(id -> "id-" + id).toList()).stream()
                        .forEach(i -> told.incrementAndGet(asked.get(i)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "a:b", "{a}", "123456:AAE-a-token"})
    void a_stream_that_is_no_name_is_refused(String stream) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> events.firstSeen(stream, "a"))
                .withMessageContaining("event stream");
    }

    @Test
    void ids_that_are_none_and_batches_that_are_too_large_are_refused_and_change_nothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> events.firstSeen(STREAM, List.of("a", "")))
                .withMessage("an event's id must be 1 to 1024 characters, not 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> events.firstSeen(STREAM, List.of("a", "x".repeat(1_025))))
                .withMessage("an event's id must be 1 to 1024 characters, not 1025");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> events.firstSeen(STREAM, ids("a", 0, 1_001)))
                .withMessage("a batch must be at most 1000 ids, not 1001");
        assertThat(events.firstSeen(STREAM, "a")).isTrue();
        assertThat(events.firstSeen(STREAM, "x".repeat(1_024))).isTrue();
        assertThat(events.firstSeen(STREAM, "\uD83D\uDE00".repeat(1_024))).isTrue();
    }

    List<Integer> firsts(List<String> ids) {
        return events.firstSeen(STREAM, ids).stream().boxed().toList();
    }

    static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    static List<String> ids(String name, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> name + i).toList();
    }
}
