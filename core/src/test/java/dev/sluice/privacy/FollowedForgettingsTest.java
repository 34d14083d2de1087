package dev.sluice.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.privacy.PrivacyContract.Part;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.MendListener;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a process forgets of its memory since another was asked to. */
@Timeout(60)
class FollowedForgettingsTest extends ForgettingFixture {
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
    void an_error_about_one_user_keeps_none_of_the_others_of_the_page_from_being_forgotten() {
        var asked = replica();
        var other = replica();
        var seen = new ArrayList<Long>();
        other.data.add(new Part("failing") {
            @Override
            public void forgetHere(long user) {
                seen.add(user);
                if (user == ANN) {
                    throw new StackOverflowError();
                }
                throw new IllegalStateException("not now");
            }
        });
        asked.levels.tellToForget(ANN);
        asked.levels.tellToForget(BOB);
        asked.levels.tellToForget(44);
        other.levels.look();
        assertThat(seen).containsExactly(ANN, BOB, 44L);
        assertThat(other.forgot()).containsExactly("all of 42", "all of 43", "all of 44");
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
                asked.levels.tellToForget(user);
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
        asked.levels.tellToForget(ANN);
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
        asked.levels.tellToForget(ANN);
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
        asked.levels.tellToForget(ANN);
        elapse(Duration.ofSeconds(2));
        other.levels.look();
        assertThat(seen).containsExactly(PrivacyLevel.NONE);
    }

    @Test
    void a_part_that_does_not_end_holds_nobody_up_for_ever() throws Exception {
        var asked = replica();
        var other = replica();
        var begun = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        other.data.add(new Part("slow") {
            @Override
            public void forgetHere(long user) {
                begun.countDown();
                try {
                    end.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        asked.levels.tellToForget(ANN);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> looking = threads.submit(other.levels::look);
            begun.await();
            elapse(Duration.ofSeconds(2));
            Future<?> found = threads.submit(() -> other.levels.find(ANN));
            Future<?> set = threads.submit(() -> other.levels.set(BOB, PrivacyLevel.NONE));
            assertThat(other.levels.find(BOB)).as("of whom nothing is left").isEqualTo(PrivacyLevel.FULL);
            assertThat(other.privacy.forget(BOB).failed()).containsExactly("privacy");
            for (Future<?> waited : List.of(found, set)) {
                assertThatThrownBy(waited::get).hasCauseInstanceOf(RedisUnavailableException.class);
            }
            end.countDown();
            looking.get();
        }
        assertThat(other.levels.set(BOB, PrivacyLevel.NONE)).isTrue();
        assertThat(other.forgot()).containsExactly("all of 42");
    }

    @Test
    void a_part_that_fails_keeps_none_of_the_others_from_forgetting() {
        var asked = replica();
        var other = replica();
        other.part.failing = true;
        var second = new Part("second");
        other.data.add(second);
        asked.levels.tellToForget(ANN);
        asked.levels.tellToForgetCopies(BOB);
        other.levels.look();
        assertThat(second.askedHere).containsExactly("all of 42", "copies of 43");
    }

    @Test
    void an_error_in_a_part_keeps_none_of_the_others_from_forgetting_nor_the_process_from_following() {
        var asked = replica();
        var other = replica();
        var calls = new AtomicLong();
        var failing = new PersonalDataRegistry();
        failing.add(new Part("errors") {
            @Override
            public void forgetHere(long user) {
                calls.incrementAndGet();
                throw new StackOverflowError("not now");
            }

            @Override
            public long forget(long user) {
                throw new OutOfMemoryError("not now");
            }
        });
        failing.add(other.part);
        assertThat(new Privacy(asked.levels, failing).forget(ANN).failed()).containsExactly("errors");
        assertThat(other.part.asked).containsExactly("all of 42");
        failing.forgetHere(Set.of(ANN));
        failing.forgetHere(Set.of(BOB));
        assertThat(calls).hasValue(2);
        assertThat(other.forgot()).containsExactly("all of 42", "all of 43");
    }

    @Test
    void a_process_goes_on_following_after_an_error() {
        var asked = replica();
        var registry = new PersonalDataRegistry();
        var errors = new AtomicLong(3);
        var heard = new CountDownLatch(1);
        registry.add(new Part("heard") {
            @Override
            public void forgetHere(long user) {
                heard.countDown();
            }
        });
        ScriptRunner failing = (script, keys, args) -> {
            if (errors.getAndDecrement() > 0) {
                throw new OutOfMemoryError("not now");
            }
            return byClock().run(script, keys, args);
        };
        var levels = RedisPrivacyLevels.start(failing, KeySpace.DEFAULT, registry, MendListener.NONE);
        try {
            await().atMost(Duration.ofSeconds(30)).until(() -> errors.get() < 0);
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                elapse(Duration.ofMillis(1));
                asked.levels.tellToForget(ANN);
                return heard.await(300, TimeUnit.MILLISECONDS);
            });
        } finally {
            levels.close();
        }
    }

    @Test
    void a_page_of_users_is_forgotten_in_one_pass_over_each_part() {
        var asked = replica();
        var other = replica();
        var passes = new ArrayList<Set<Long>>();
        other.data.add(new Part("passes") {
            @Override
            public void forgetHere(Set<Long> users) {
                passes.add(users);
            }

            @Override
            public void forgetCopiesHere(Set<Long> users) {
                passes.add(users);
            }
        });
        for (long user = 1; user <= 2 * PAGE; user++) {
            asked.levels.tellToForget(user);
        }
        asked.levels.tellToForgetCopies(ANN);
        other.levels.look();
        assertThat(passes).containsExactly(Set.of(1L, 2L, 3L), Set.of(4L, 5L, 6L), Set.of(ANN));
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
                        asked.get((int) (user % 2)).levels.tellToForget(user);
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

    /** What one process has in memory, of which user and since which step; and what it should. */
    private final class Remembering {
        final Replica replica = replica();
        final Map<Long, Integer> memory = new HashMap<>();
        final Map<Long, Integer> expected = new HashMap<>();
        final Set<Long> unheard = new HashSet<>();

        Remembering() {
            replica.data.add(new Part("memory") {
                @Override
                public long forget(long user) {
                    return memory.remove(user) == null ? 0 : 1;
                }

                @Override
                public void forgetHere(long user) {
                    memory.remove(user);
                }
            });
        }

        void put(long user, int step) {
            memory.put(user, step);
            expected.put(user, step);
        }

        void forget(long user) {
            replica.privacy.forget(user);
            expected.remove(user);
            unheard.remove(user);
        }

        void look() {
            replica.levels.look();
            expected.keySet().removeAll(unheard);
            unheard.clear();
        }
    }

    @Test
    void nothing_from_before_a_forgetting_is_left_once_it_was_heard_and_what_came_after_that_stays() {
        var random = new Random(20_261_201);
        List<Remembering> all = List.of(new Remembering(), new Remembering(), new Remembering());
        for (int step = 0; step < 2_000; step++) {
            Remembering one = all.get(random.nextInt(all.size()));
            long user = 1L + random.nextInt(8);
            switch (random.nextInt(6)) {
                case 0 -> {
                    one.forget(user);
                    all.stream().filter(other -> other != one).forEach(other -> other.unheard.add(user));
                }
                case 1, 2 -> one.put(user, step);
                case 3 -> elapse(Duration.ofMillis(random.nextInt(400)));
                case 4 -> one.replica.levels.set(user, random.nextBoolean() ? PrivacyLevel.NONE : PrivacyLevel.FULL);
                default -> {
                    one.look();
                    assertThat(one.memory).isEqualTo(one.expected);
                }
            }
        }
        assertThat(all).anyMatch(one -> !one.memory.isEmpty());
    }
}
