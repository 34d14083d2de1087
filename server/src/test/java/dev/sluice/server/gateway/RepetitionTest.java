package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.random.RandomGeneratorFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RepetitionTest {
    private static final Repetition REPETITION =
            new Repetition(5, Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(20));

    @Property(tries = 200)
    void a_delay_is_anything_up_to_a_bound_that_doubles(@ForAll @IntRange(max = 4) int repeated, @ForAll long seed) {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);

        assertThat(REPETITION.delay(repeated, Duration.ZERO, random))
                .hasValueSatisfying(
                        delay -> assertThat(delay).isBetween(Duration.ZERO, Duration.ofSeconds(1L << repeated)));
    }

    @Test
    void neither_the_number_nor_the_time_is_exceeded() {
        var random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);

        assertThat(REPETITION.delay(5, Duration.ZERO, random)).isEmpty();
        assertThat(REPETITION.delay(0, Duration.ofSeconds(20).plusNanos(1), random))
                .isEmpty();
    }
}
