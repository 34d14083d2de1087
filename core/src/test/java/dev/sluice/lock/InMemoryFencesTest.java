package dev.sluice.lock;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InMemoryFencesTest extends FencesContract {
    private final Fences fences = Fences.inMemory(clock);

    @Override
    Fences fences() {
        return fences;
    }

    @Test
    void a_value_is_forgotten_by_its_time() {
        fences.write("report", 10, new byte[1], DAY);
        clock.advance(DAY);
        assertThat(fences.read("report")).isEmpty();
        assertThat(fences.write("report", 1, new byte[1], DAY)).isTrue();
    }
}
