package dev.sluice.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class InMemoryEventDeduplicatorTest extends EventDeduplicatorContract {
    @Override
    EventDeduplicator deduplicator(DedupeWindow window) {
        return held(window);
    }

    private InMemoryEventDeduplicator held(DedupeWindow window) {
        return new InMemoryEventDeduplicator(window, clock, 4_030);
    }

    @Test
    void no_more_than_two_generations_of_a_stream_are_held() {
        InMemoryEventDeduplicator held = held(new DedupeWindow(LENGTH, MOST));
        for (int batch = 0; batch < 20; batch++) {
            held.firstSeen(STREAM, ids("x", batch * 700, (batch + 1) * 700));
            assertThat(held.size()).isLessThanOrEqualTo(2 * MOST);
        }
        assertThat(held.size()).isGreaterThan(MOST);
    }

    @Test
    void beyond_the_bound_the_stream_that_was_asked_for_longest_ago_is_forgotten() {
        InMemoryEventDeduplicator held = held(new DedupeWindow(LENGTH, MOST));
        for (int stream = 0; stream < 4; stream++) {
            held.firstSeen("s" + stream, ids("x", 0, 1_000));
        }
        held.firstSeen("s0", "x0");

        held.firstSeen("s4", "one too many");
        assertThat(held.size()).isEqualTo(3_001);
        assertThat(held.firstSeen("s0", "x0")).isFalse();
        assertThat(held.firstSeen("s1", "x0")).isTrue();
    }

    @Test
    void streams_whose_ids_were_all_forgotten_count_too() {
        InMemoryEventDeduplicator held = held(new DedupeWindow(LENGTH, MOST));
        for (int stream = 0; stream < 5_000; stream++) {
            held.firstSeen("s" + stream, "x");
            assertThat(held.forget("s" + stream, List.of("x"))).isEqualTo(1);
        }
        assertThat(held.streams()).isLessThanOrEqualTo(4_030 / 6);
        assertThat(held.firstSeen("s4999", "x")).isTrue();
        assertThat(held.firstSeen("s4999", "x")).isFalse();
    }

    @Test
    void streams_that_are_over_vanish_without_being_asked_for() {
        InMemoryEventDeduplicator held = held(new DedupeWindow(LENGTH, MOST));
        for (int stream = 0; stream < 10; stream++) {
            held.firstSeen("s" + stream, "x");
        }
        clock.advance(LENGTH.multipliedBy(2));
        for (int i = 0; i < 5; i++) {
            held.firstSeen(STREAM, "x" + i);
        }
        assertThat(held.size()).isEqualTo(5);
    }

    @Test
    void a_window_that_could_not_be_held_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EventDeduplicator.inMemory(new DedupeWindow(LENGTH, 1_000_001)))
                .withMessage("a window in memory must hold at most 1000000 ids, not 1000001");
    }

    @Test
    void windows_have_bounds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DedupeWindow(Duration.ofMillis(999), MOST))
                .withMessage("a window must last 1 s to 31 days, not PT0.999S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DedupeWindow(Duration.ofDays(32), MOST))
                .withMessage("a window must last 1 s to 31 days, not PT768H");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DedupeWindow(LENGTH, 999))
                .withMessage("a window must hold 1000 to 10000000 ids, not 999");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DedupeWindow(LENGTH, 10_000_001))
                .withMessage("a window must hold 1000 to 10000000 ids, not 10000001");
    }

    @Test
    void by_the_machines_own_clock_it_works_alike() {
        EventDeduplicator real = EventDeduplicator.inMemory(DedupeWindow.DEFAULT);
        assertThat(real.firstSeen(STREAM, "a")).isTrue();
        assertThat(real.firstSeen(STREAM, "a")).isFalse();
    }
}
