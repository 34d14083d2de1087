package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class InMemoryRateLimiterTest extends RateLimiterContract {
    @Override
    RateLimiter limiter(SettableMicros clock) {
        return new InMemoryRateLimiter(clock);
    }

    @Test
    void idle_buckets_vanish() {
        var limiter = new InMemoryRateLimiter(clock);
        for (int i = 0; i < 1_000; i++) {
            var bucket = new Bucket("1", "chat", Integer.toString(i));
            var limit = i % 2 == 0 ? Limit.atMost(1, Duration.ofSeconds(1)) : Limit.smooth(1, Duration.ofSeconds(1));
            limiter.tryAcquire(Acquisition.of(new Charge(bucket, limit, 1)));
        }
        var waited =
                Acquisition.of(new Charge(new Bucket("1", "chat", "0"), Limit.atMost(1, Duration.ofSeconds(1)), 1));
        limiter.tryAcquire(waited.waitingAs(new Waiter("AAAAAAAA")));
        limiter.park(new Bucket("1", "chat", "parked"), Duration.ofSeconds(1));
        assertThat(limiter.size()).isEqualTo(1_001);

        clock.advance(Duration.ofSeconds(1));
        sweep(limiter);
        assertThat(limiter.size()).as("but for the one with a place in line").isEqualTo(1);
        clock.advanceMicros(InMemoryRateLimiter.GRACE_MICROS + 1);
        sweep(limiter);
        assertThat(limiter.size()).isZero();
    }

    private static void sweep(RateLimiter limiter) {
        var question = new Charge(new Bucket("1", "chat", "other"), Limit.atMost(1, Duration.ofSeconds(1)), 0);
        for (int i = 0; i < 100; i++) {
            limiter.tryAcquire(Acquisition.of(question));
        }
    }
}
