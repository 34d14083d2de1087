package dev.sluice.privacy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.limit.SettableMicros;
import dev.sluice.privacy.PrivacyContract.Part;
import dev.sluice.privacy.StoredLevels.Memory;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.redis.SharedRedis;
import dev.sluice.redis.TestClockRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a process forgets of its memory since another was asked to. */
@Timeout(60)
class FollowedForgettingsTest {
    private static final long ANN = 42;
    private static final long BOB = 43;
    private static final int PAGE = 3;
    private static final String RECORD = "sluice:privacy:{all}:forgotten";

    private final SharedRedis redis = RedisFixture.shared();
    private final TestClockRunner runner = redis.clockRunner();
    private final SettableMicros clock = new SettableMicros();
    private final AtomicLong nanos = new AtomicLong(1);

    /** As many calls are answered from now on. */
    private long answersLeft = Long.MAX_VALUE;

    /** One process. */
    private final class Replica {
        final PersonalDataRegistry data = new PersonalDataRegistry();
        final Part part = new Part("things");
        final RedisPrivacyLevels levels =
                new RedisPrivacyLevels(byClock(), KeySpace.DEFAULT, 1_000, PAGE, nanos::get, data);
        final Privacy privacy = new Privacy(levels, data);

        Replica() {
            data.add(part);
        }

        /** What it was asked since the last time. */
        List<String> forgot() {
            var forgot = List.copyOf(part.askedHere);
            part.askedHere.clear();
            return forgot;
        }
    }

    private ScriptRunner byClock() {
        return (script, keys, args) -> {
            synchronized (runner) {
                if (--answersLeft < 0) {
                    throw new RedisUnavailableException(
                            RedisUnavailableException.Reason.NOT_CONNECTED, "away", false, null);
                }
                runner.setNow(clock.getAsLong());
                return runner.run(script, keys, args);
            }
        };
    }

    private Replica replica() {
        // Numbers of many changes at once are ahead of the clock.
        elapse(Duration.ofMillis(1));
        var replica = new Replica();
        replica.levels.look();
        return replica;
    }

    private void elapse(Duration time) {
        clock.advance(time);
        nanos.addAndGet(time.toNanos());
    }

    @BeforeEach
    void flush() {
        redis.flush();
        clock.advance(Duration.ofDays(20_000));
    }

    @Test
    void what_one_process_is_asked_to_forget_all_others_forget_once() {
        var asked = replica();
        var others = List.of(replica(), replica());
        asked.privacy.forget(ANN);
        asked.levels.look();
        assertThat(asked.forgot()).isEmpty();
        for (Replica other : others) {
            other.levels.look();
            assertThat(other.forgot()).containsExactly("all of 42", "copies of 42");
            other.levels.look();
            assertThat(other.forgot()).isEmpty();
        }
        others.getFirst().privacy.forget(ANN);
        others.getLast().levels.look();
        assertThat(others.getLast().forgot()).containsExactly("all of 42", "copies of 42");
    }

    @Test
    void whose_level_becomes_none_stays_in_memory_and_only_copies_go() {
        var asked = replica();
        var other = replica();
        asked.levels.set(ANN, PrivacyLevel.NONE); // and here it was killed
        other.levels.look();
        assertThat(other.forgot()).containsExactly("copies of 42");
        asked.privacy.set(BOB, PrivacyLevel.NONE);
        asked.privacy.set(BOB, PrivacyLevel.FULL);
        other.levels.look();
        assertThat(other.forgot()).containsExactly("copies of 43");
    }

    @Test
    void more_than_a_page_are_all_forgotten_in_their_order_although_redis_goes_away_meanwhile() {
        for (int answers = 0; answers < 6; answers++) {
            var asked = replica();
            var other = replica();
            for (long user = 1; user <= 2 * PAGE + 1; user++) {
                asked.levels.tellToForget(Memory.ALL, user);
            }
            answersLeft = answers;
            try {
                other.levels.look();
            } catch (RedisUnavailableException e) {
                // Once more, then.
            }
            answersLeft = Long.MAX_VALUE;
            other.levels.look();
            assertThat(other.forgot())
                    .as("away after %d answers", answers)
                    .containsExactlyElementsOf(LongStream.rangeClosed(1, 2 * PAGE + 1)
                            .mapToObj(user -> "all of " + user)
                            .toList());
        }
    }

    @Test
    void a_copy_of_the_levels_counts_no_longer_before_what_was_forgotten_meanwhile_is_forgotten_here() {
        var asked = replica();
        var other = replica();
        asked.levels.tellToForget(Memory.ALL, ANN);
        elapse(Duration.ofMillis(1_001));
        answersLeft = 1; // what has changed, but not what is to be forgotten
        assertThatThrownBy(other.levels::look).isInstanceOf(RedisUnavailableException.class);
        assertThat(other.forgot()).isEmpty();
        assertThatThrownBy(() -> other.levels.find(ANN)).isInstanceOf(RedisUnavailableException.class);
        assertThatThrownBy(() -> other.levels.find(BOB)).isInstanceOf(RedisUnavailableException.class);
        answersLeft = Long.MAX_VALUE;
        other.levels.look();
        assertThat(other.forgot()).containsExactly("all of 42");
    }

    @Test
    void who_asks_redis_about_one_user_has_forgotten_them_before_it_is_told_their_level() {
        var asked = replica();
        var other = replica();
        asked.levels.tellToForget(Memory.ALL, ANN);
        assertThat(other.levels.find(ANN)).isEqualTo(PrivacyLevel.FULL);
        assertThat(other.forgot()).as("within the second").isEmpty();
        elapse(Duration.ofMillis(1_001));
        assertThat(other.levels.find(BOB)).isEqualTo(PrivacyLevel.FULL);
        assertThat(other.forgot()).isEmpty();
        answersLeft = 1;
        assertThatThrownBy(() -> other.levels.find(ANN)).isInstanceOf(RedisUnavailableException.class);
        answersLeft = Long.MAX_VALUE;
        assertThat(other.levels.find(ANN)).isEqualTo(PrivacyLevel.FULL);
        assertThat(other.forgot()).containsExactly("all of 42");
    }

    @Test
    void a_part_that_asks_for_levels_while_it_forgets_is_answered() {
        var asked = replica();
        var other = replica();
        var seen = new ArrayList<PrivacyLevel>();
        other.data.add(new Part("asking") {
            @Override
            public void forgetHere(long user) {
                seen.add(other.levels.find(user));
            }
        });
        asked.levels.set(ANN, PrivacyLevel.NONE);
        asked.levels.tellToForget(Memory.ALL, ANN);
        elapse(Duration.ofSeconds(2));
        other.levels.look();
        assertThat(seen).containsExactly(PrivacyLevel.NONE);
    }

    @Test
    void who_was_away_for_longer_than_the_record_lasts_forgets_everybody_if_anybody_was_forgotten() {
        var asked = replica();
        var other = replica();
        elapse(Duration.ofHours(2));
        other.levels.look();
        assertThat(other.forgot()).as("nobody was forgotten").isEmpty();

        asked.levels.tellToForget(Memory.ALL, ANN);
        elapse(Duration.ofHours(2));
        redis.commands().del(RECORD);
        other.levels.look();
        other.levels.look();
        assertThat(other.forgot()).containsExactly("everybody");

        asked.levels.tellToForget(Memory.ALL, BOB);
        other.levels.look();
        assertThat(other.forgot()).as("hears again").containsExactly("all of 43");
    }

    @Test
    void of_a_record_that_goes_on_only_who_missed_a_part_that_has_ended_forgets_everybody() {
        var asked = replica();
        var away = replica();
        var heard = replica();
        asked.levels.tellToForget(Memory.ALL, ANN);
        heard.levels.look();
        elapse(Duration.ofMinutes(61));
        asked.levels.tellToForget(Memory.ALL, BOB);
        assertThat(redis.commands().zcard(RECORD)).isEqualTo(1);
        away.levels.look();
        heard.levels.look();
        assertThat(away.forgot()).containsExactly("everybody", "all of 43");
        assertThat(heard.forgot()).containsExactly("all of 42", "all of 43");
        // Asked about one user: none of theirs, but somebody's is missing.
        var late = replica();
        asked.levels.tellToForget(Memory.ALL, ANN);
        elapse(Duration.ofMinutes(61));
        redis.commands().del(RECORD);
        assertThat(late.levels.find(BOB)).isEqualTo(PrivacyLevel.FULL);
        assertThat(late.forgot()).containsExactly("everybody");
    }

    @Test
    void the_record_is_bounded_and_whoever_missed_what_had_no_room_forgets_everybody() {
        var asked = replica();
        var away = replica();
        var heard = replica();
        asked.levels.tellToForget(Memory.ALL, ANN);
        heard.levels.look();
        for (int i = 1; i < 10_000; i++) {
            redis.commands().zadd(RECORD, clock.getAsLong() + i, ("all:" + (1_000 + i)).getBytes(US_ASCII));
        }
        elapse(Duration.ofSeconds(1));
        asked.levels.tellToForget(Memory.ALL, BOB);
        assertThat(redis.commands().zcard(RECORD)).isEqualTo(10_000);
        assertThat(redis.commands().pttl(RECORD)).isBetween(3_000_000L, 3_600_000L);
        away.levels.look();
        heard.levels.look();
        assertThat(away.forgot()).hasSize(10_001).startsWith("everybody").endsWith("all of 43");
        assertThat(heard.forgot()).hasSize(10_001).startsWith("all of 42").endsWith("all of 43");
    }

    @Test
    void a_new_process_forgets_only_whom_others_were_asked_to_forget_since_it_began() {
        var asked = replica();
        asked.levels.tellToForget(Memory.ALL, ANN);
        elapse(Duration.ofMillis(1));
        var late = new Replica();
        elapse(Duration.ofSeconds(30));
        asked.levels.tellToForget(Memory.ALL, BOB);
        elapse(Duration.ofSeconds(30));
        late.levels.look();
        assertThat(late.forgot()).containsExactly("all of 43");
        // As when it asks about one user before it has ever looked.
        var asking = new Replica();
        elapse(Duration.ofSeconds(1));
        asked.levels.tellToForget(Memory.ALL, BOB);
        assertThat(asking.levels.find(BOB)).isEqualTo(PrivacyLevel.FULL);
        assertThat(asking.forgot()).containsExactly("all of 43");
    }

    @Test
    void redis_that_lost_its_data_or_has_another_clock_is_followed_from_then_on() {
        var asked = replica();
        var other = replica();
        asked.levels.tellToForget(Memory.ALL, ANN);
        other.levels.look();
        other.forgot();
        redis.flush();
        other.levels.look();
        assertThat(other.forgot()).as("nobody knows of any").isEmpty();
        clock.advance(Duration.ofMinutes(-5));
        asked.levels.tellToForget(Memory.ALL, BOB);
        other.levels.look();
        asked.levels.look();
        assertThat(other.forgot()).containsExactly("all of 43");
        assertThat(asked.forgot()).isEmpty();
    }

    @Test
    void when_memory_is_full_it_is_told_all_the_same() {
        var asked = replica();
        var other = replica();
        redis.commands().configSet("maxmemory", "1");
        try {
            assertThat(asked.privacy.forget(ANN).isComplete()).isTrue();
            other.levels.look();
        } finally {
            redis.commands().configSet("maxmemory", "0");
        }
        assertThat(other.forgot()).containsExactly("all of 42", "copies of 42");
    }

    @Test
    void a_part_that_fails_keeps_none_of_the_others_from_forgetting() {
        var asked = replica();
        var other = replica();
        other.part.failing = true;
        var second = new Part("second");
        other.data.add(second);
        asked.levels.tellToForget(Memory.ALL, ANN);
        asked.levels.tellToForget(Memory.COPIES, BOB);
        other.levels.look();
        assertThat(second.askedHere).containsExactly("all of 42", "copies of 43");
    }

    @Test
    void who_cannot_tell_the_others_forgets_what_it_can_and_says_so() {
        var asked = replica();
        answersLeft = 0;
        var report = asked.privacy.forget(ANN);
        assertThat(report.removed()).containsEntry("things", 3L);
        assertThat(report.failed()).containsExactly("privacy");
        // And if Redis goes away in between: once more removes nothing, and tells.
        answersLeft = 1;
        assertThat(asked.privacy.forget(ANN).failed()).containsExactly("privacy");
        answersLeft = Long.MAX_VALUE;
        assertThat(asked.privacy.forget(ANN).isComplete()).isTrue();
    }

    @Test
    void of_many_who_are_forgotten_at_once_on_two_processes_while_two_others_look_each_is_forgotten_once()
            throws Exception {
        var asked = List.of(replica(), replica());
        var looking = List.of(replica(), replica());
        var done = new AtomicBoolean();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> lookers = new ArrayList<>();
            for (Replica one : looking) {
                lookers.add(threads.submit(() -> {
                    while (!done.get()) {
                        one.levels.look();
                    }
                    one.levels.look();
                }));
            }
            List<Callable<Boolean>> forgetting = LongStream.rangeClosed(1, 200)
                    .<Callable<Boolean>>mapToObj(user -> () -> {
                        asked.get((int) (user % 2)).levels.tellToForget(Memory.ALL, user);
                        return true;
                    })
                    .toList();
            for (Future<Boolean> told : threads.invokeAll(forgetting)) {
                told.get();
            }
            done.set(true);
            for (Future<?> looker : lookers) {
                looker.get();
            }
        }
        for (Replica one : looking) {
            assertThat(one.forgot())
                    .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, 200)
                            .mapToObj(user -> "all of " + user)
                            .toList());
        }
    }

    @Test
    void nothing_from_before_a_forgetting_is_left_once_it_was_heard_and_what_came_after_that_stays() {
        var random = new Random(20_261_201);
        var replicas = new ArrayList<Replica>();
        // What each has in memory: of which user, and since which step.
        Map<Replica, Map<Long, Integer>> memory = new HashMap<>();
        Map<Replica, Set<Long>> unheard = new HashMap<>();
        Map<Replica, Map<Long, Integer>> expected = new HashMap<>();
        for (int i = 0; i < 3; i++) {
            var replica = replica();
            replicas.add(replica);
            memory.put(replica, new HashMap<>());
            expected.put(replica, new HashMap<>());
            unheard.put(replica, new HashSet<>());
            replica.data.add(PersonalData.withoutText(
                    "memory", user -> memory.get(replica).remove(user) == null ? 0 : 1));
            replica.data.add(new Part("memory_of_others") {
                @Override
                public void forgetHere(long user) {
                    memory.get(replica).remove(user);
                }
            });
        }
        for (int step = 0; step < 2_000; step++) {
            Replica one = replicas.get(random.nextInt(replicas.size()));
            long user = 1L + random.nextInt(8);
            switch (random.nextInt(6)) {
                case 0 -> {
                    one.privacy.forget(user);
                    expected.get(one).remove(user);
                    unheard.get(one).remove(user);
                    unheard.forEach((other, users) -> {
                        if (other != one) {
                            users.add(user);
                        }
                    });
                }
                case 1, 2 -> {
                    memory.get(one).put(user, step);
                    expected.get(one).put(user, step);
                }
                case 3 -> elapse(Duration.ofMillis(random.nextInt(400)));
                case 4 -> one.levels.set(user, random.nextBoolean() ? PrivacyLevel.NONE : PrivacyLevel.FULL);
                default -> {
                    one.levels.look();
                    expected.get(one).keySet().removeAll(unheard.get(one));
                    unheard.get(one).clear();
                    assertThat(memory.get(one)).isEqualTo(expected.get(one));
                }
            }
        }
        assertThat(memory.values()).anyMatch(held -> !held.isEmpty());
    }
}
