package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class InMemoryLearningTest extends LearningContract {
    @Override
    RateLimiter limiter(SettableMicros clock) {
        return new InMemoryRateLimiter(clock);
    }

    @Test
    void a_pace_is_held_as_long_as_it_matters_and_no_longer() {
        var limiter = new InMemoryRateLimiter(clock);
        var busy = new LearningFixture(limiter, clock, TelegramLimits.DOCUMENTED);
        busy.flood(1, 3);
        clock.advance(Duration.ofSeconds(30));
        sweep(busy);
        assertThat(busy.botPace()).isPresent();
        clock.advance(Duration.ofMinutes(5));
        sweep(busy);
        assertThat(limiter.size()).isZero();
    }

    private static void sweep(LearningFixture bot) {
        for (int i = 0; i < 10; i++) {
            bot.limiter.statistics(bot.chatBucket(1), Limit.atMost(1, Duration.ofSeconds(1)));
        }
    }
}
