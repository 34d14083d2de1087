package dev.sluice.namedlimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.SettableMicros;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class InMemoryNamedLimitsTest extends NamedLimitsContract {
    @Override
    NamedLimits limits(SettableMicros itsClock) {
        return new InMemoryNamedLimits(itsClock, 1_000);
    }

    @Test
    void beyond_the_bound_whose_limit_is_free_again_soonest_is_forgotten() {
        var bounded = new InMemoryNamedLimits(clock, 3);
        bounded.define(THREE);
        for (int subject = 1; subject <= 3; subject++) {
            bounded.acquire(PAY.by("s" + subject));
            clock.advance(Duration.ofSeconds(1));
        }
        bounded.acquire(PAY.by("s1"));
        bounded.acquire(PAY.by("s4"));

        assertThat(bounded.usage(PAY.by("s2")).used()).isZero();
        assertThat(bounded.usage(PAY.by("s1")).used())
                .as("busy for longer since")
                .isEqualTo(2);
        assertThat(bounded.usage(PAY.by("s3")).used()).isEqualTo(1);
        assertThat(bounded.usage(PAY.by("s4")).used()).isEqualTo(1);
    }

    @Test
    void by_the_machines_own_clock_a_limit_denies_too() {
        NamedLimits own = NamedLimits.inMemory();
        own.define(THREE);
        own.acquire(PAY.weighing(3));
        assertThat(own.acquire(PAY)).isInstanceOf(Passage.Denied.class);
    }
}
