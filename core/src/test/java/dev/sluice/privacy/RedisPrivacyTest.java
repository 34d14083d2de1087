package dev.sluice.privacy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.MendListener;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisPrivacyTest extends PrivacyContract {
    private static final int PAGE = 3;

    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner runner = redis.clockRunner();
    private final AtomicLong nanos = new AtomicLong(1);
    private final AtomicLong calls = new AtomicLong();
    private boolean away;

    /** Redis goes away before the so manieth call from now on. */
    private long answersLeft = Long.MAX_VALUE;

    private Runnable beforeRestoring = () -> {};
    private final RedisPrivacyLevels levels = replica(1_000, data);

    private RedisPrivacyLevels replica(int mostHeld) {
        return replica(mostHeld, new PersonalDataRegistry());
    }

    private RedisPrivacyLevels replica(int mostHeld, PersonalDataRegistry parts) {
        ScriptRunner byClock = (script, keys, args) -> {
            if (script.name().endsWith("/restore")) {
                beforeRestoring.run();
            }
            synchronized (runner) {
                if (away || --answersLeft < 0) {
                    throw new RedisUnavailableException(
                            RedisUnavailableException.Reason.NOT_CONNECTED, "away", false, null);
                }
                calls.incrementAndGet();
                runner.setNow(clock.getAsLong());
                return runner.run(script, keys, args);
            }
        };
        return new RedisPrivacyLevels(byClock, KeySpace.DEFAULT, mostHeld, PAGE, nanos::get, parts, MendListener.NONE);
    }

    @Override
    StoredLevels levels() {
        return levels;
    }

    @Override
    void elapse(Duration time) {
        super.elapse(time);
        nanos.addAndGet(time.toNanos());
        levels.look();
    }

    @BeforeEach
    void flush() {
        redis.flush();
    }

    @AfterEach
    void only_the_users_who_chose_it_stand_in_keys_without_an_end() {
        for (String key : redis.commands().keys("*")) {
            assertThat(key).matches("sluice:privacy:\\{all}:(none|full|state|owed|forgotten|forgetting|failing)");
            assertThat(redis.commands().pttl(key))
                    .as(key)
                    .matches(ttl -> ttl > 0 == key.matches(".*:(full|forgotten|failing)"));
        }
    }

    @Test
    void a_replica_that_has_looked_asks_redis_no_more_until_its_copy_is_a_second_old() {
        levels.set(ANN, PrivacyLevel.NONE);
        levels.look();
        long before = calls.get();
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(levels.find(ANN)).isEqualTo(PrivacyLevel.NONE);
        assertThat(levels.find(BOB)).isEqualTo(PrivacyLevel.FULL);
        assertThat(calls).hasValue(before);
        nanos.addAndGet(1);
        assertThat(levels.find(BOB)).isEqualTo(PrivacyLevel.FULL);
        assertThat(calls).hasValue(before + 1);
    }

    @Test
    void what_another_replica_sets_is_known_after_a_look_and_without_one_after_a_second() {
        var other = replica(1_000);
        other.look();
        levels.look();
        levels.set(ANN, PrivacyLevel.NONE);
        assertThat(other.find(ANN)).isEqualTo(PrivacyLevel.FULL);
        other.look();
        assertThat(other.find(ANN)).isEqualTo(PrivacyLevel.NONE);
        levels.set(BOB, PrivacyLevel.NONE);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos() + 1);
        assertThat(other.find(BOB)).isEqualTo(PrivacyLevel.NONE);
    }

    @Test
    void a_purge_is_done_by_another_replica_if_the_one_that_set_the_level_was_killed_before_it_could() {
        var part = new Part("things");
        var other = new Privacy(replica(1_000), new PersonalDataRegistry());
        other.data().add(part);
        levels.set(ANN, PrivacyLevel.NONE); // and here it was killed
        elapse(Duration.ofSeconds(15));
        ((RedisPrivacyLevels) other.levels()).look();
        other.purgeDue();
        assertThat(part.asked).containsExactly("texts of 42");
    }

    @Test
    void when_memory_is_full_levels_are_set_all_the_same() {
        levels.set(BOB, PrivacyLevel.NONE);
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThat(levels.set(ANN, PrivacyLevel.NONE)).isTrue();
            assertThat(levels.set(BOB, PrivacyLevel.FULL)).isTrue();
            assertThat(replica(1_000).find(ANN)).isEqualTo(PrivacyLevel.NONE);
            elapse(Duration.ofSeconds(15));
            assertThat(levels.takePurge().map(StoredLevels.Owed::user)).hasValue(ANN);
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
        assertThat(replica(1_000).find(BOB)).isEqualTo(PrivacyLevel.FULL);
    }

    @Test
    void when_nobody_can_tell_it_is_none_and_who_must_know_is_told() {
        away = true;
        assertThat(levels.of(ANN)).isEqualTo(PrivacyLevel.NONE);
        assertThatThrownBy(() -> levels.find(ANN)).isInstanceOf(RedisUnavailableException.class);
        assertThatThrownBy(() -> levels.set(ANN, PrivacyLevel.NONE)).isInstanceOf(RedisUnavailableException.class);
        away = false;
        levels.look();
        away = true;
        assertThat(levels.of(ANN)).isEqualTo(PrivacyLevel.FULL);
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(levels.of(ANN)).isEqualTo(PrivacyLevel.NONE);
    }

    @Test
    void with_more_users_than_it_holds_a_replica_asks_about_each_until_they_are_fewer() {
        var small = replica(5);
        for (long user = 1; user <= 6; user++) {
            levels.set(user, PrivacyLevel.NONE);
        }
        small.look();
        long before = calls.get();
        assertThat(small.find(6)).isEqualTo(PrivacyLevel.NONE);
        assertThat(small.find(7)).isEqualTo(PrivacyLevel.FULL);
        assertThat(calls).hasValue(before + 2);
        levels.set(6, PrivacyLevel.FULL);
        small.look();
        before = calls.get();
        assertThat(small.find(5)).isEqualTo(PrivacyLevel.NONE);
        assertThat(small.find(6)).isEqualTo(PrivacyLevel.FULL);
        assertThat(calls).hasValue(before);
    }

    @Test
    void redis_that_was_emptied_or_lost_its_last_writes_is_told_by_who_knew() {
        levels.set(ANN, PrivacyLevel.NONE);
        levels.look();
        redis.flush();
        levels.look();
        assertThat(replica(1_000).find(ANN)).isEqualTo(PrivacyLevel.NONE);
        assertThat(levels.find(ANN)).isEqualTo(PrivacyLevel.NONE);

        // A failover that lost one write, after which another came.
        redis.commands().zrem("sluice:privacy:{all}:none", "42".getBytes(US_ASCII));
        clock.advance(Duration.ofSeconds(1));
        replica(1_000).set(BOB, PrivacyLevel.NONE);
        levels.look();
        assertThat(replica(1_000).find(ANN)).isEqualTo(PrivacyLevel.NONE);
        assertThat(replica(1_000).find(BOB)).isEqualTo(PrivacyLevel.NONE);
    }

    @Test
    void what_redis_lost_is_written_back_however_often_redis_goes_away_meanwhile_and_counts_until_then() {
        for (int answers = 0; answers < 12; answers++) {
            redis.flush();
            var one = replica(1_000);
            for (long user = 1; user <= PAGE + 1; user++) {
                one.set(user, PrivacyLevel.NONE);
            }
            one.look();
            redis.flush();
            clock.advance(Duration.ofSeconds(1));
            replica(1_000).set(BOB, PrivacyLevel.NONE);
            answersLeft = answers;
            for (int i = 0; i < 3; i++) {
                try {
                    one.look();
                } catch (RedisUnavailableException e) {
                    // Once more, then.
                }
                answersLeft = 0; // what is known here only
                assertThat(one.of(1)).isEqualTo(PrivacyLevel.NONE);
                answersLeft = i == 0 ? answers : Long.MAX_VALUE;
            }
            assertThat(known(replica(1_000)))
                    .as("away after %d answers", answers)
                    .contains(1L, 2L, 3L, 4L);
            assertThat(replica(1_000).find(BOB)).isEqualTo(PrivacyLevel.NONE);
            assertThat(one.find(BOB + 1)).isEqualTo(PrivacyLevel.FULL);
        }
    }

    @Test
    void who_is_set_to_full_just_before_redis_is_told_what_it_lost_stays_so() {
        levels.set(ANN, PrivacyLevel.NONE);
        levels.set(BOB, PrivacyLevel.NONE);
        levels.look();
        redis.flush();
        clock.advance(Duration.ofSeconds(1));
        var other = replica(1_000);
        beforeRestoring = () -> {
            other.set(ANN, PrivacyLevel.NONE);
            other.set(ANN, PrivacyLevel.FULL);
        };
        levels.look();
        assertThat(levels.find(ANN)).isEqualTo(PrivacyLevel.FULL);
        assertThat(levels.find(BOB)).isEqualTo(PrivacyLevel.NONE);
        assertThat(replica(1_000).find(ANN)).isEqualTo(PrivacyLevel.FULL);
    }

    @Test
    void more_who_are_set_to_full_than_redis_remembers_stay_so_although_a_replica_did_not_look() {
        var other = replica(2_000);
        for (long user = 1; user <= 1_010; user++) {
            levels.set(user, PrivacyLevel.NONE);
        }
        other.look();
        for (long user = 1; user <= 1_005; user++) {
            levels.set(user, PrivacyLevel.FULL);
        }
        other.look();
        assertThat(other.find(1)).isEqualTo(PrivacyLevel.FULL);
        assertThat(redis.commands().zcard("sluice:privacy:{all}:none")).isEqualTo(5);
        assertThat(redis.commands().zcard("sluice:privacy:{all}:full")).isEqualTo(1_000);
    }

    @Test
    void what_a_replica_itself_sets_counts_there_at_once_although_redis_went_away_while_it_read_all_anew() {
        levels.set(BOB, PrivacyLevel.NONE);
        levels.look();
        redis.flush();
        answersLeft = 1;
        assertThatThrownBy(levels::look).isInstanceOf(RedisUnavailableException.class);
        answersLeft = Long.MAX_VALUE;
        levels.set(ANN, PrivacyLevel.NONE);
        assertThat(levels.find(ANN)).isEqualTo(PrivacyLevel.NONE);
        levels.set(BOB, PrivacyLevel.FULL);
        assertThat(levels.find(BOB)).isEqualTo(PrivacyLevel.FULL);
        levels.look();
        assertThat(replica(1_000).find(ANN)).isEqualTo(PrivacyLevel.NONE);
        assertThat(replica(1_000).find(BOB)).isEqualTo(PrivacyLevel.FULL);
    }

    @Test
    void redis_that_comes_back_empty_after_hours_is_told_by_who_knew() {
        levels.set(ANN, PrivacyLevel.NONE);
        levels.look();
        redis.flush();
        clock.advance(Duration.ofHours(2));
        nanos.addAndGet(Duration.ofHours(2).toNanos());
        levels.look();
        assertThat(levels.find(ANN)).isEqualTo(PrivacyLevel.NONE);
        assertThat(replica(1_000).find(ANN)).isEqualTo(PrivacyLevel.NONE);
    }

    @Test
    void who_was_set_to_full_while_a_replica_did_not_look_stays_so() {
        var other = replica(1_000);
        levels.set(ANN, PrivacyLevel.NONE);
        other.look();
        clock.advance(Duration.ofHours(2));
        nanos.addAndGet(Duration.ofHours(2).toNanos());
        levels.set(ANN, PrivacyLevel.FULL);
        redis.commands().del("sluice:privacy:{all}:full");
        other.look();
        assertThat(other.find(ANN)).isEqualTo(PrivacyLevel.FULL);
        assertThat(replica(1_000).find(ANN)).isEqualTo(PrivacyLevel.FULL);
    }

    @Test
    void replicas_that_look_now_and_then_know_what_was_set_by_whomever() {
        var random = new Random(20_261_130);
        RedisPrivacyLevels[] replicas = {levels, replica(20), replica(4)};
        var expected = new HashSet<Long>();
        for (int step = 0; step < 2_000; step++) {
            RedisPrivacyLevels one = replicas[random.nextInt(replicas.length)];
            switch (random.nextInt(4)) {
                case 0 -> {
                    long user = 1L + random.nextInt(30);
                    boolean none = random.nextBoolean();
                    boolean changed = one.set(user, none ? PrivacyLevel.NONE : PrivacyLevel.FULL);
                    assertThat(changed).isEqualTo(none ? expected.add(user) : expected.remove(user));
                }
                case 1 -> clock.advanceMicros(random.nextInt(2));
                case 2 -> nanos.addAndGet(random.nextInt(1_000_000_000));
                default -> {
                    one.look();
                    assertThat(known(one)).isEqualTo(expected);
                }
            }
        }
    }

    private static Set<Long> known(RedisPrivacyLevels replica) {
        var known = new HashSet<Long>();
        for (long user = 1; user <= 30; user++) {
            if (replica.find(user) == PrivacyLevel.NONE) {
                known.add(user);
            }
        }
        return known;
    }
}
