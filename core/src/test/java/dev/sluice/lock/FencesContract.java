package dev.sluice.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.limit.SettableMicros;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Whoever has seen a greater fence takes no lesser one. */
abstract class FencesContract {
    static final Duration DAY = Duration.ofDays(1);

    final SettableMicros clock = new SettableMicros();

    abstract Fences fences();

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Optional<String> read(String resource) {
        return fences().read(resource)
                .map(value -> value.fence() + " " + new String(value.bytes(), StandardCharsets.UTF_8));
    }

    @Test
    void a_write_with_a_lesser_fence_is_refused_and_changes_nothing() {
        assertThat(read("report")).isEmpty();
        assertThat(fences().write("report", 10, bytes("first"), DAY)).isTrue();
        assertThat(fences().write("report", 10, bytes("of the same holder"), DAY))
                .isTrue();
        assertThat(fences().write("report", 1_800_000_000_000_001L, bytes("second \0 \n"), DAY))
                .isTrue();
        assertThat(fences().write("report", 1_800_000_000_000_000L, bytes("late"), DAY))
                .isFalse();
        assertThat(read("report")).contains("1800000000000001 second \0 \n");
        assertThat(fences().write("other", 1, bytes(""), DAY)).isTrue();
        assertThat(read("other")).contains("1 ");
    }

    @Test
    void of_many_writes_at_once_the_greatest_fence_stays() {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 1; i <= 200; i++) {
                int fence = i;
                threads.submit(() -> fences().write("report", fence, bytes("by " + fence), DAY));
            }
        }
        assertThat(read("report")).contains("200 by 200");
    }

    @Test
    void what_is_no_write_is_refused() {
        assertThatThrownBy(() -> fences().write("report", 0, bytes("x"), DAY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 2^53, not 0");
        assertThatThrownBy(() -> fences().write("report", (1L << 53) + 1, bytes("x"), DAY))
                .as("Redis could not tell it from its neighbours")
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fences().write("report", 1, bytes("x"), Duration.ofDays(32)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fences().write("report", 1, new byte[Fences.LARGEST + 1], DAY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1048576");
        assertThatThrownBy(() -> fences().write("", 1, bytes("x"), DAY)).isInstanceOf(IllegalArgumentException.class);
    }
}
