package dev.sluice.limit;

import static dev.sluice.limit.LimiterFixture.denied;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisWatch;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What passes while the store is away, and for a window after. */
class FailoverRateLimiterTest extends FailoverFixture {
    @Test
    void a_lone_replica_goes_on_with_what_it_knows_was_spent() {
        var limiter = replica(1, OnStoreFailure.LOCAL);
        assertThat(passing(limiter, 12)).isEqualTo(12);
        clock.advance(Duration.ofMillis(400));
        way.cut(true);

        assertThat(passing(limiter, 50)).isEqualTo(18);
        assertThat(limiter.tryAcquire(ONE)).isEqualTo(new Denied(BOT, Cause.LIMIT, Duration.ofMillis(600), 0));
    }

    @Test
    void one_of_three_waits_until_what_the_others_spent_has_left_the_window_and_then_takes_its_share() {
        var limiter = replica(3, OnStoreFailure.LOCAL);
        assertThat(passing(limiter, 2)).isEqualTo(2);
        way.cut(true);

        assertThat(limiter.tryAcquire(ONE)).isEqualTo(new Denied(BOT, Cause.LIMIT, Duration.ofSeconds(2), 0));
        clock.advance(Duration.ofSeconds(2));
        assertThat(passing(limiter, 50)).isEqualTo(10);
        clock.advance(SECOND);
        assertThat(passing(limiter, 50)).isEqualTo(10);
    }

    @Test
    void a_limit_of_fewer_than_the_replicas_lets_one_through_in_several_windows() {
        var limiter = replica(3, OnStoreFailure.LOCAL);
        var chat = Acquisition.of(new Charge(new Bucket("1", "chat", "1"), Limit.atMost(2, SECOND), 1));
        way.cut(true);

        assertThat(denied(limiter.tryAcquire(chat)).retryAfter()).isEqualTo(Duration.ofMillis(2_500));
        clock.advance(Duration.ofMillis(2_500));
        assertThat(limiter.tryAcquire(chat)).isInstanceOf(Allowed.class);
        assertThat(denied(limiter.tryAcquire(chat)).retryAfter()).isEqualTo(Duration.ofMillis(1_500));
    }

    @Test
    void for_a_window_after_the_return_both_must_allow() {
        var limiter = replica(3, OnStoreFailure.LOCAL);
        way.cut(true);
        limiter.tryAcquire(ONE);
        clock.advance(Duration.ofSeconds(2));
        assertThat(passing(limiter, 50)).isEqualTo(10);
        way.cut(false);

        assertThat(limiter.tryAcquire(ONE)).as("its share is spent").isEqualTo(new Denied(BOT, Cause.LIMIT, SECOND, 0));
        clock.advance(SECOND);
        assertThat(passing(limiter, 50)).as("still its share").isEqualTo(10);
        clock.advance(SECOND);
        assertThat(passing(limiter, 50)).as("all that Redis has").isEqualTo(30);
        assertThat(told).containsExactly("began", "ended after PT2S");
    }

    @Test
    void a_denial_by_redis_costs_nothing_of_the_share() {
        var limiter = replica(3, OnStoreFailure.LOCAL);
        way.cut(true);
        limiter.tryAcquire(ONE);
        clock.advance(Duration.ofSeconds(5));
        redis.tryAcquire(Acquisition.of(new Charge(BOT, THIRTY, 30)));
        clock.advance(Duration.ofMillis(500));
        way.cut(false);

        assertThat(passing(limiter, 50)).as("Redis is full").isZero();
        clock.advance(Duration.ofMillis(500));
        assertThat(passing(limiter, 50)).as("its whole share").isEqualTo(10);
    }

    @Test
    void a_denial_by_redis_costs_nothing_of_a_share_of_gcra() {
        var limiter = replica(3, OnStoreFailure.LOCAL);
        var question = new Charge(BOT, Limit.smooth(6, Duration.ofMillis(100)), 1);
        way.cut(true);
        limiter.tryAcquire(Acquisition.of(question));
        clock.advance(Duration.ofSeconds(5));
        redis.tryAcquire(Acquisition.of(new Charge(BOT, question.limit(), 6)));
        way.cut(false);

        for (int i = 0; i < 10; i++) {
            assertThat(limiter.tryAcquire(Acquisition.of(question))).isInstanceOf(Denied.class);
        }
        clock.advance(Duration.ofMillis(200));
        assertThat(limiter.tryAcquire(Acquisition.of(question))).isInstanceOf(Allowed.class);
        assertThat(limiter.tryAcquire(Acquisition.of(question))).isInstanceOf(Allowed.class);
    }

    @Test
    void an_outage_too_short_for_anybody_to_have_spent_anything_leaves_no_probation() {
        var share = new LocalShare(() -> 3, clock);
        var group =
                Acquisition.of(new Charge(new Bucket("1", "group", "1"), Limit.atMost(20, Duration.ofMinutes(1)), 1));
        share.outageBegan();
        clock.advance(Duration.ofSeconds(58));
        share.outageEnded();
        assertThat(share.onProbation(group)).isFalse();
        assertThat(share.onProbation(ONE)).isTrue();

        share.outageBegan();
        clock.advance(Duration.ofSeconds(59));
        share.outageEnded();
        clock.advance(Duration.ofSeconds(61).minusNanos(1_000));
        assertThat(share.onProbation(group)).isTrue();
        clock.advanceMicros(1);
        assertThat(share.onProbation(group)).isFalse();
    }

    @Test
    void a_lone_replica_is_on_probation_after_any_outage() {
        var share = new LocalShare(() -> 1, clock);
        share.outageBegan();
        share.outageEnded();

        assertThat(share.onProbation(ONE)).isTrue();
        clock.advance(Duration.ofSeconds(2));
        assertThat(share.onProbation(ONE)).isFalse();
    }

    @Test
    void many_outages_are_kept_in_bounded_memory_and_never_shorten_a_probation() {
        var share = new LocalShare(() -> 3, clock);
        var slow = Acquisition.of(new Charge(BOT, Limit.atMost(5, Duration.ofDays(1)), 1));
        share.outageBegan();
        clock.advance(Duration.ofDays(2));
        share.outageEnded();
        for (int i = 0; i < 500; i++) {
            clock.advance(SECOND);
            share.outageBegan();
            share.outageEnded();
        }

        assertThat(share.onProbation(slow)).isTrue();
        clock.advance(Duration.ofDays(1).plusSeconds(2));
        assertThat(share.onProbation(slow)).isFalse();
    }

    @Test
    void parks_hold_while_redis_is_away_whoever_set_them() {
        var limiter = replica(1, OnStoreFailure.LOCAL);
        var chat = new Bucket("1", "chat", "1");
        var other = new Bucket("1", "chat", "2");
        limiter.park(chat, Duration.ofSeconds(5));
        redis.park(other, Duration.ofSeconds(7));
        limiter.tryAcquire(Acquisition.of(new Charge(other, THIRTY, 1)));
        way.cut(true);

        assertThat(limiter.tryAcquire(ONE)).isInstanceOf(Allowed.class);
        assertThat(denied(limiter.tryAcquire(Acquisition.of(new Charge(chat, THIRTY, 1)))))
                .extracting(Denied::cause, Denied::retryAfter)
                .containsExactly(Cause.PARK, Duration.ofSeconds(5));
        assertThat(denied(limiter.tryAcquire(Acquisition.of(new Charge(other, THIRTY, 1)))))
                .extracting(Denied::cause, Denied::retryAfter)
                .containsExactly(Cause.PARK, Duration.ofSeconds(7));
        limiter.park(BOT, Duration.ofSeconds(3));
        assertThat(denied(limiter.tryAcquire(ONE)).cause()).isEqualTo(Cause.PARK);
    }

    @Test
    void several_floods_of_replies_park_replies_and_not_the_bot_while_redis_is_away() {
        var limiter = replica(1, OnStoreFailure.LOCAL);
        var id = new BotId(1);
        TelegramLimits limits = TelegramLimits.DOCUMENTED.withReplies(Optional.of(THIRTY));
        way.cut(true);
        for (int chat = 1; chat <= 3; chat++) {
            Optional<ChatId> told = Optional.of(ChatId.of(chat));
            List<Charge> charges = limits.charges(id, told, 1, SendLane.REPLIES);
            assertThat(limiter.tryAcquire(Acquisition.of(charges))).isInstanceOf(Allowed.class);
            Bucket parked = limits.floodedBucket(id, SendLane.REPLIES);
            limiter.flooded(new Flood(id, told, SECOND, parked, charges, clock.getAsLong()));
        }

        assertThat(limiter.tryAcquire(ONE)).isInstanceOf(Allowed.class);
        Acquisition reply = Acquisition.of(limits.charges(id, Optional.of(ChatId.of(9)), 1, SendLane.REPLIES));
        assertThat(denied(limiter.tryAcquire(reply)))
                .extracting(Denied::bucket, Denied::cause)
                .containsExactly(TelegramLimits.repliesBucket(id), Cause.PARK);
    }

    @Test
    void open_lets_all_through_but_what_is_parked() {
        var limiter = replica(3, OnStoreFailure.OPEN);
        way.cut(true);
        assertThat(passing(limiter, 100)).isEqualTo(100);

        limiter.park(BOT, SECOND);
        assertThat(denied(limiter.tryAcquire(ONE)).cause()).isEqualTo(Cause.PARK);
    }

    @Test
    void closed_throws_the_failure_and_knows_no_probation() {
        var limiter = replica(3, OnStoreFailure.CLOSED);
        way.cut(true);
        assertThatExceptionOfType(RedisUnavailableException.class).isThrownBy(() -> limiter.tryAcquire(ONE));
        assertThatExceptionOfType(RedisUnavailableException.class).isThrownBy(() -> limiter.park(BOT, SECOND));
        assertThatExceptionOfType(RedisUnavailableException.class).isThrownBy(() -> limiter.statistics(BOT, THIRTY));
        clock.advance(Duration.ofSeconds(9));

        way.cut(false);
        assertThat(passing(limiter, 100)).isEqualTo(30);
        assertThat(told).containsExactly("began", "ended after PT9S");
    }

    @Test
    void statistics_while_redis_is_away_are_the_shares() {
        var limiter = replica(3, OnStoreFailure.LOCAL);
        way.cut(true);
        limiter.tryAcquire(ONE);
        clock.advance(Duration.ofSeconds(2));
        limiter.tryAcquire(ONE);

        assertThat(limiter.statistics(BOT, THIRTY))
                .extracting(BucketStatistics::used, BucketStatistics::remaining)
                .containsExactly(1, 9);
    }

    /** A store on a clock of its own, which jumps. */
    private RateLimiter onJumpingClock(LocalShare share, OnStoreFailure policy, SettableMicros itsClock) {
        return new FailoverRateLimiter(
                new InMemoryRateLimiter(itsClock), share, policy, OutageListener.NONE, tag -> "redis");
    }

    @ParameterizedTest
    @EnumSource(OnStoreFailure.class)
    void a_clock_that_jumps_ahead_lets_nothing_pass_twice_of_what_a_lone_replica_spent(OnStoreFailure policy) {
        var itsClock = new SettableMicros();
        var limiter = onJumpingClock(new LocalShare(() -> 1, clock), policy, itsClock);
        assertThat(passing(limiter, 50)).isEqualTo(30);
        itsClock.advance(Duration.ofSeconds(10));
        clock.advance(Duration.ofMillis(400));

        assertThat(passing(limiter, 50)).isZero();
        clock.advance(Duration.ofMillis(600));
        itsClock.advance(Duration.ofMillis(600));
        assertThat(passing(limiter, 50)).as("a window later").isBetween(28, 30);
    }

    @Test
    void after_a_jump_each_of_several_replicas_keeps_to_its_share_for_a_window() {
        var itsClock = new SettableMicros();
        var store = new InMemoryRateLimiter(itsClock);
        var replicas = new ArrayList<RateLimiter>();
        for (int i = 0; i < 3; i++) {
            replicas.add(new FailoverRateLimiter(
                    store, new LocalShare(() -> 3, clock), OnStoreFailure.LOCAL, OutageListener.NONE, tag -> "redis"));
        }
        for (int i = 0; i < 30; i++) {
            assertThat(passing(replicas.get(i % 3), 1)).isEqualTo(1);
        }
        itsClock.advance(Duration.ofSeconds(10));
        clock.advance(Duration.ofMillis(500));
        for (RateLimiter replica : replicas) {
            assertThat(passing(replica, 50)).isZero();
        }

        clock.advance(Duration.ofMillis(500));
        itsClock.advance(Duration.ofSeconds(1));
        for (RateLimiter replica : replicas) {
            assertThat(passing(replica, 50)).as("its share").isBetween(9, 10);
        }
        clock.advance(Duration.ofSeconds(2));
        itsClock.advance(Duration.ofSeconds(2));
        assertThat(passing(replicas.getFirst(), 50)).as("all of it again").isEqualTo(30);
    }

    @Test
    void an_idle_replica_hears_of_a_jump_from_the_watch() {
        var share = new LocalShare(() -> 1, clock);
        RedisWatch.Guard watched = share.watched(OutageListener.NONE);
        watched.time("redis", 1_000_000, Duration.ofMillis(1));
        clock.advance(SECOND);
        watched.time("redis", 2_000_000, Duration.ofMillis(1));
        assertThat(share.onProbation(ONE)).isFalse();

        watched.time("redis", 12_000_000, Duration.ofMillis(1));
        assertThat(share.onProbation(ONE)).isTrue();
        clock.advance(Duration.ofSeconds(2));
        assertThat(share.onProbation(ONE)).isFalse();
    }
}
