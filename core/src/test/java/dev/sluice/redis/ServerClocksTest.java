package dev.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerClocksTest {
    private static final long SECOND = 1_000_000;

    private final ServerClocks clocks = new ServerClocks();

    private Optional<Duration> read(String part, long asked, long server, long answered) {
        return clocks.read(part, asked, server, answered);
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 10, 3_600, -2, -10, -86_400})
    void a_jump_is_noticed_by_the_first_answer_after_it_and_once(long seconds) {
        assertThat(read("redis", 1_000, 500 * SECOND, 2_000)).isEmpty();
        assertThat(read("redis", SECOND, 501 * SECOND, SECOND + 1_000)).isEmpty();

        Optional<Duration> jump = read("redis", 2 * SECOND, (502 + seconds) * SECOND, 2 * SECOND + 1_000);
        assertThat(jump.orElseThrow().toMillis()).isBetween(seconds * 1_000 - 3, seconds * 1_000 + 3);
        assertThat(read("redis", 3 * SECOND, (503 + seconds) * SECOND, 3 * SECOND + 1_000))
                .isEmpty();
    }

    @Test
    void a_slow_answer_is_no_jump_and_does_not_hide_one() {
        read("redis", 0, 500 * SECOND, 1_000);

        assertThat(read("redis", SECOND, 503 * SECOND, 4 * SECOND)).isEmpty();
        assertThat(read("redis", 5 * SECOND, 515 * SECOND, 5 * SECOND + 1_000)).isPresent();
    }

    @Test
    void what_was_asked_before_a_jump_was_noticed_is_no_jump_back() {
        read("redis", 0, 500 * SECOND, 1_000);
        assertThat(read("redis", SECOND, 511 * SECOND, SECOND + 2_000)).isPresent();

        assertThat(read("redis", SECOND - 500, 501 * SECOND, SECOND + 3_000)).isEmpty();
        assertThat(read("redis", 2 * SECOND, 512 * SECOND, 2 * SECOND + 1_000)).isEmpty();
    }

    @Test
    void parts_have_clocks_of_their_own() {
        read("one", 0, 500 * SECOND, 1_000);

        assertThat(read("other", SECOND, 900 * SECOND, SECOND + 1_000)).isEmpty();
        assertThat(read("one", 2 * SECOND, 502 * SECOND, 2 * SECOND + 1_000)).isEmpty();
    }

    @Test
    void parts_are_remembered_within_a_bound() {
        for (int i = 0; i < 5_000; i++) {
            read("part " + i, 0, 500 * SECOND, 1_000);
        }

        assertThat(read("part 0", SECOND, 900 * SECOND, SECOND + 1_000))
                .as("forgotten")
                .isEmpty();
        assertThat(read("part 4999", SECOND, 900 * SECOND, SECOND + 1_000)).isPresent();
    }

    @Property(tries = 200)
    void a_clock_that_drifts_never_jumps_however_uneven_its_answers(
            @ForAll long seed, @ForAll @LongRange(min = -500, max = 500) long partsPerMillion) {
        var random = new Random(seed);
        var drifting = new ServerClocks();
        long now = 0;
        for (int i = 0; i < 300; i++) {
            now += random.nextLong(1, 100 * SECOND);
            long asked = now;
            long at = asked + random.nextLong(0, SECOND);
            now = at + random.nextLong(0, SECOND);
            assertThat(drifting.read("redis", asked, at + at * partsPerMillion / 1_000_000, now))
                    .isEmpty();
        }
    }
}
