package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Decision.Denied;
import dev.sluice.redis.RedisFixture;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RedisLearningTest extends LearningContract {
    @Override
    RateLimiter limiter(SettableMicros clock) {
        return RedisByTestClock.withItsOwnTtls(clock);
    }

    @Test
    void replicas_share_what_was_learned() {
        bot.flood(1, 3);
        RateLimiter other = limiter(clock);
        assertThat(other.statistics(bot.botBucket(), bot.limits.bot()).learned())
                .isEqualTo(bot.botPace())
                .isPresent();
        clock.advance(Duration.ofSeconds(1));
        bot.pass(100);
        bot.pass(101);
        assertThat(other.tryAcquire(Acquisition.of(bot.charges(102)))).isInstanceOf(Denied.class);
    }

    @Test
    void its_key_lives_as_long_as_the_pace() {
        bot.flood(1, 3);
        Duration left = bot.botPace().orElseThrow().forgottenIn();
        assertThat(ttl()).isBetween(left.minusSeconds(5), left.plusSeconds(5));
        clock.advance(Duration.ofSeconds(2));
        bot.pass(100);
        assertThat(ttl()).isBetween(left.minusSeconds(10), left.plusSeconds(5));
        bot.limiter.forgetLearned(bot.botBucket());
        assertThat(ttl()).isPositive();
    }

    @Test
    void a_pace_is_learned_when_memory_is_full() {
        var redis = RedisFixture.shared();
        bot.flood(1, 2);
        var last = bot.pass(3);
        redis.commands().configSet("maxmemory", "1");
        try {
            bot.flooded(3, last, Duration.ofSeconds(1));
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
        assertThat(bot.botPace()).isPresent();
    }

    @Test
    void a_clock_that_jumps_back_keeps_the_pace() {
        bot.flood(1, 3);
        clock.advance(Duration.ofSeconds(2));
        bot.pass(100);
        double before = bot.botPace().orElseThrow().perSecond();
        clock.advance(Duration.ofHours(-2));
        assertThat(bot.tryAcquire(101)).isNotNull();
        assertThat(bot.botPace())
                .hasValueSatisfying(pace -> assertThat(pace.perSecond()).isEqualTo(before));
        assertThat(bot.botPace().orElseThrow().forgottenIn()).isLessThan(Duration.ofMinutes(5));
    }

    @Test
    void after_a_clock_that_jumped_back_it_is_known_again_who_was_told_last() {
        toldWhileBusy(100, 7);
        clock.advance(Duration.ofHours(-2));
        assertThat(toldWhileBusy(200, 8).lowered()).isEmpty();
        clock.advance(Duration.ofSeconds(2));
        assertThat(toldWhileBusy(300, 8).lowered()).contains(bot.chatBucket(8));
    }

    /** One chat of a bot that sends to others, too. */
    private Floods.Told toldWhileBusy(long firstOther, long chat) {
        for (long other = firstOther; other < firstOther + 12; other++) {
            bot.limiter.tryAcquire(Acquisition.of(bot.charges(other)));
        }
        return bot.flooded(chat, bot.pass(chat), Duration.ofSeconds(1));
    }

    private Duration ttl() {
        return Duration.ofMillis(
                RedisFixture.shared().commands().pttl(bot.botBucket().key(RedisByTestClock.KEYS)));
    }
}
