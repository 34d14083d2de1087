package dev.sluice.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LockRequestTest {
    private static final LockRequest REQUEST = LockRequest.of("report");

    @Test
    void what_is_no_request_is_refused() {
        assertThatThrownBy(() -> LockRequest.of(""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 128 characters long, not 0");
        assertThatThrownBy(() -> LockRequest.of("x".repeat(129))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> REQUEST.withLease(Duration.ofMillis(999)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 s to 10 min");
        assertThatThrownBy(() -> REQUEST.withLease(Duration.ofMinutes(10).plusMillis(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> REQUEST.withMaxHold(Lease.SHORTEST))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT1S");
        assertThatThrownBy(() -> new LockOwner("short"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("short");
        assertThat(LockRequest.of("somebody's name").name().toString()).doesNotContain("somebody");
    }

    @Test
    void a_wait_is_neither_negative_nor_longer_than_a_day() {
        try (var leases = Leases.inMemory(LockEvents.NONE);
                var locks = new Locks(leases, new Random(1))) {
            assertThatThrownBy(() -> locks.acquire(REQUEST, Duration.ofSeconds(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("PT-1S");
            assertThatThrownBy(() -> locks.acquire(REQUEST, Leases.LONGEST_WAIT.plusNanos(1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
