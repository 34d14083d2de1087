package dev.sluice.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.limit.SettableMicros;
import dev.sluice.lock.LockStore.Answer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The steps of a lock, by a clock that stands still until it is set; what every backend promises. */
abstract class LockStoreContract {
    static final LockName NAME = new LockName("nightly report of somebody");
    static final Duration LEASE = Duration.ofSeconds(30);

    final SettableMicros clock = new SettableMicros();
    final LockOwner anna = owner("anna");
    final LockOwner ben = owner("ben");
    final LockOwner cleo = owner("cleo");

    abstract LockStore store();

    static LockOwner owner(String who) {
        return new LockOwner(who + "-0123456789abcdef");
    }

    private long taken(LockOwner who) {
        return taken(store().acquire(NAME, who, LEASE, false));
    }

    static long taken(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Taken.class);
        return ((Answer.Taken) answer).fence();
    }

    private Answer waits(LockOwner who) {
        return store().acquire(NAME, who, LEASE, true);
    }

    private static Answer notYet(Duration remaining, Duration turn, int ahead) {
        return new Answer.NotYet(remaining, turn, ahead);
    }

    @Test
    void a_free_lock_is_taken_and_is_another_s_only_when_its_lease_is_over() {
        long first = taken(anna);
        clock.advance(LEASE.minus(1, ChronoUnit.MICROS));
        assertThat(store().acquire(NAME, ben, LEASE, false))
                .isEqualTo(notYet(Duration.of(1, ChronoUnit.MICROS), Duration.of(1, ChronoUnit.MICROS), 0));
        clock.advanceMicros(1);
        assertThat(taken(ben)).isGreaterThan(first);
    }

    @Test
    void a_lock_that_is_released_is_free_at_once() {
        long first = taken(anna);
        assertThat(store().release(NAME, anna)).isTrue();
        assertThat(taken(ben)).isGreaterThan(first);
    }

    @Test
    void an_owner_whose_answer_was_lost_asks_again_and_finds_that_it_has_it_with_the_same_fence() {
        long fence = taken(anna);
        clock.advance(Duration.ofSeconds(20));
        assertThat(taken(anna)).isEqualTo(fence);
        assertThat(store().look(NAME).remaining()).as("its lease begins anew").isEqualTo(LEASE);
    }

    @Test
    void only_its_owner_renews_and_releases_a_lock() {
        taken(anna);
        assertThat(store().renew(NAME, ben, LEASE)).isFalse();
        assertThat(store().release(NAME, ben)).isFalse();
        clock.advance(Duration.ofSeconds(29));
        assertThat(store().renew(NAME, anna, LEASE)).isTrue();
        clock.advance(Duration.ofSeconds(29));
        assertThat(store().acquire(NAME, ben, LEASE, false)).isInstanceOf(Answer.NotYet.class);
        assertThat(store().release(NAME, anna)).isTrue();
        assertThat(store().release(NAME, anna)).as("once").isFalse();
    }

    @Test
    void a_lease_that_ran_out_is_not_revived_although_nobody_came() {
        taken(anna);
        clock.advance(LEASE);
        assertThat(store().renew(NAME, anna, LEASE)).isFalse();
        assertThat(store().release(NAME, anna)).isFalse();
        assertThat(store().look(NAME).held()).isFalse();
    }

    @Test
    void a_holder_that_comes_back_late_takes_nothing_from_its_successor() {
        taken(anna);
        clock.advance(LEASE);
        long second = taken(ben);
        assertThat(store().renew(NAME, anna, LEASE)).isFalse();
        assertThat(store().release(NAME, anna)).isFalse();
        assertThat(taken(ben)).isEqualTo(second);
    }

    @Test
    void fences_grow_from_lease_to_lease_however_the_last_one_ended() {
        var fences = new ArrayList<Long>();
        for (int i = 0; i < 10; i++) {
            fences.add(taken(anna));
            if (i % 2 == 0) {
                store().release(NAME, anna);
            } else {
                clock.advance(LEASE);
            }
        }
        assertThat(fences).isSorted().doesNotHaveDuplicates();
        assertThat(fences.getFirst())
                .as("by the clock, so that they grow although the lock is forgotten")
                .isBetween(clock.getAsLong() - Duration.ofDays(1).toNanos() / 1_000, clock.getAsLong());
    }

    @Test
    void the_first_who_waits_is_the_first_to_have_it() {
        taken(anna);
        assertThat(waits(ben)).isEqualTo(notYet(LEASE, LEASE, 0));
        clock.advanceMicros(10);
        Duration left = LEASE.minus(10, ChronoUnit.MICROS);
        assertThat(waits(cleo)).isEqualTo(notYet(left, left.plus(Line.TURN), 1));
        assertThat(waits(ben)).as("looking again costs no place").isEqualTo(notYet(left, left, 0));

        store().release(NAME, anna);

        assertThat(waits(cleo)).isEqualTo(notYet(Duration.ZERO, Line.TURN, 1));
        assertThat(store().acquire(NAME, owner("dora"), LEASE, false))
                .as("whoever does not wait goes behind all who do")
                .isEqualTo(notYet(Duration.ZERO, Line.TURN.multipliedBy(2), 2));
        taken(waits(ben));
        assertThat(waits(cleo)).isEqualTo(notYet(LEASE, LEASE, 0));
    }

    @Test
    void whoever_died_in_line_costs_a_turn_and_then_its_place() {
        taken(anna);
        waits(ben);
        waits(cleo);
        store().release(NAME, anna);

        clock.advance(Line.TURN.minus(1, ChronoUnit.MICROS));
        assertThat(waits(cleo)).isInstanceOf(Answer.NotYet.class);
        clock.advanceMicros(1);
        taken(waits(cleo));

        clock.advance(Line.PLACE);
        assertThat(waits(owner("dora")))
                .as("ben stands no more")
                .isEqualTo(notYet(LEASE.minus(Line.PLACE), LEASE.minus(Line.PLACE), 0));
        assertThat(store().look(NAME).waiting())
                .as("ben has not looked for too long")
                .isEqualTo(1);
        clock.advance(Line.PLACE);
        assertThat(store().look(NAME).waiting()).as("nor has dora").isZero();
    }

    @Test
    void a_lease_that_ran_out_is_followed_in_the_order_of_the_line() {
        taken(anna);
        waits(ben);
        waits(cleo);
        clock.advance(LEASE.minusSeconds(1));
        waits(ben);
        waits(cleo);
        clock.advance(Duration.ofSeconds(1));
        assertThat(waits(cleo)).isEqualTo(notYet(Duration.ZERO, Line.TURN, 1));
        taken(waits(ben));
    }

    @Test
    void whoever_stops_waiting_has_no_place_any_more() {
        taken(anna);
        waits(ben);
        waits(cleo);
        assertThat(store().acquire(NAME, ben, LEASE, false)).isInstanceOf(Answer.NotYet.class);
        assertThat(store().look(NAME).waiting()).isEqualTo(1);
        assertThat(store().release(NAME, cleo)).as("never had it").isFalse();
        assertThat(store().look(NAME).waiting()).isZero();
        store().release(NAME, anna);
        taken(owner("dora"));
    }

    @Test
    void so_many_may_wait_and_no_more() {
        taken(anna);
        for (int i = 0; i < Line.MOST; i++) {
            waits(owner("w" + i));
        }
        assertThat(waits(ben)).isEqualTo(new Answer.Full(LEASE));
        assertThat(waits(owner("w7"))).as("it stands already").isInstanceOf(Answer.NotYet.class);
        assertThat(store().look(NAME).waiting()).isEqualTo(Line.MOST);
    }

    @Test
    void a_look_shows_holder_fence_and_line_and_changes_nothing() {
        assertThat(store().look(NAME).held()).isFalse();
        Instant now = Instant.EPOCH.plus(clock.getAsLong(), ChronoUnit.MICROS);
        long fence = taken(anna);
        waits(ben);
        clock.advance(Duration.ofSeconds(1));

        LockStanding seen = store().look(NAME);

        assertThat(seen.held()).isTrue();
        assertThat(seen.fence()).isEqualTo(fence);
        assertThat(seen.since()).contains(now);
        assertThat(seen.remaining()).isEqualTo(LEASE.minusSeconds(1));
        assertThat(seen.waiting()).isEqualTo(1);
        assertThat(store().look(NAME)).isEqualTo(seen);
    }

    @Test
    void locks_of_other_names_are_others() {
        taken(anna);
        taken(store().acquire(new LockName("nightly report of someone else"), ben, LEASE, false));
    }

    @Test
    void a_release_names_the_next_ones_in_their_order_and_nobody_if_nobody_waits() {
        var heard = new CopyOnWriteArrayList<String>();
        try (var subscription = store().listen(heard::add)) {
            await().atMost(Duration.ofSeconds(30)).until(subscription::isLive);
            taken(anna);
            store().release(NAME, anna);
            taken(anna);
            waits(ben);
            waits(cleo);
            store().release(NAME, anna);
            await().atMost(Duration.ofSeconds(30)).until(() -> heard.size() == 1);
            taken(waits(ben));
            clock.advance(Line.PLACE.minusSeconds(1));
            waits(owner("dora"));
            clock.advance(Duration.ofSeconds(1));
            store().release(NAME, ben);
            await().atMost(Duration.ofSeconds(30)).until(() -> heard.size() == 2);
        }
        assertThat(heard)
                .as("cleo has not looked for too long")
                .containsExactly(ben.id() + " " + cleo.id(), owner("dora").id());
    }

    @Test
    void of_many_who_ask_at_once_one_takes_it() throws Exception {
        for (int round = 0; round < 20; round++) {
            var go = new CountDownLatch(1);
            Set<Long> fences = new HashSet<>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Answer>> answers = new ArrayList<>();
                for (int i = 0; i < 64; i++) {
                    LockOwner who = owner("many" + i);
                    answers.add(threads.submit(() -> {
                        go.await();
                        return store().acquire(NAME, who, LEASE, false);
                    }));
                }
                go.countDown();
                for (Future<Answer> answer : answers) {
                    if (answer.get() instanceof Answer.Taken(long fence)) {
                        fences.add(fence);
                    }
                }
            }
            assertThat(fences).hasSize(1);
            clock.advance(LEASE);
        }
    }

    /** Whatever is done in whatever order: as a plain model of one holder says. */
    @Test
    void a_lock_does_what_a_plain_model_says() {
        for (int seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            LockName name = new LockName("model " + seed);
            LockOwner holder = null;
            long ends = 0;
            long lastFence = 0;
            for (int step = 0; step < 100; step++) {
                LockOwner who = List.of(anna, ben, cleo).get(random.nextInt(3));
                long now = clock.getAsLong();
                boolean held = holder != null && ends > now;
                boolean own = held && who.equals(holder);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        Answer answer = store().acquire(name, who, LEASE, false);
                        assertThat(answer instanceof Answer.Taken).isEqualTo(!held || own);
                        if (answer instanceof Answer.Taken(long fence)) {
                            if (own) {
                                assertThat(fence).isEqualTo(lastFence);
                            } else {
                                assertThat(fence).isGreaterThan(lastFence);
                            }
                            lastFence = fence;
                            holder = who;
                            ends = now + LEASE.toNanos() / 1_000;
                        }
                    }
                    case 1 -> {
                        assertThat(store().renew(name, who, LEASE)).isEqualTo(own);
                        ends = own ? now + LEASE.toNanos() / 1_000 : ends;
                    }
                    case 2 -> {
                        assertThat(store().release(name, who)).isEqualTo(own);
                        holder = own ? null : holder;
                    }
                    default -> clock.advance(Duration.ofSeconds(random.nextInt(20)));
                }
            }
        }
    }
}
