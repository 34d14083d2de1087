package dev.sluice.namedlimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.limit.Waiter;
import dev.sluice.limit.WaitingRoom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Callers that wait for a named limit, by the machine's own clock. */
class PatientNamedLimitsTest {
    private static final Use CALL = Use.of("api");
    private static final Duration LONG = Duration.ofSeconds(30);

    private final NamedLimits limits = NamedLimits.inMemory();
    private final WaitingRoom room = new WaitingRoom(100);
    private final PatientNamedLimits patient = new PatientNamedLimits(limits, room, new Waiter("process1"));

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void of_64_callers_that_wait_each_passes_in_its_turn_and_the_store_is_never_asked_before_the_time_it_named()
            throws Exception {
        limits.define(NamedLimit.atMost("api", 8, Duration.ofMillis(60)));
        List<Long> early = Collections.synchronizedList(new ArrayList<>());
        var asked = new AtomicInteger();
        var notBefore = new long[] {System.nanoTime()};
        NamedLimits watched = new Watched(
                limits,
                passage -> {
                    asked.incrementAndGet();
                    if (passage instanceof Passage.Denied denied) {
                        notBefore[0] = System.nanoTime() + denied.retryAfter().toNanos();
                    }
                },
                () -> {
                    long ahead = notBefore[0] - System.nanoTime();
                    if (ahead > 0) {
                        early.add(ahead);
                    }
                });
        var waiting = new PatientNamedLimits(watched, room, new Waiter("process1"));
        var calls = new AtomicInteger();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var callers = new ArrayList<Callable<Integer>>();
            for (int i = 0; i < 64; i++) {
                callers.add(() -> waiting.call(CALL, LONG, calls::incrementAndGet));
            }
            var got = new ArrayList<Integer>();
            for (Future<Integer> one : threads.invokeAll(callers)) {
                got.add(one.get(60, TimeUnit.SECONDS));
            }
            assertThat(got).doesNotHaveDuplicates().hasSize(64);
        }

        assertThat(calls).hasValue(64);
        assertThat(early).isEmpty();
        assertThat(asked.get())
                .as("64 passages, and a denial or two for each window")
                .isLessThan(64 + 64);
        assertThat(room.size()).isZero();
    }

    @Test
    void who_does_not_wait_is_told_at_once_and_a_call_that_is_denied_is_not_made() throws Exception {
        limits.define(NamedLimit.atMost("api", 1, Duration.ofMinutes(1)));
        assertThat(patient.call(CALL, Duration.ZERO, () -> "done")).isEqualTo("done");

        var made = new AtomicInteger();
        assertThatThrownBy(() -> patient.call(CALL, Duration.ZERO, made::incrementAndGet))
                .isInstanceOfSatisfying(LimitedException.class, e -> {
                    assertThat(e.name()).isEqualTo("api");
                    assertThat(e.retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1));
                })
                .hasMessageStartingWith("limit 'api' lets nothing more pass for PT");
        assertThat(made).hasValue(0);
    }

    @Test
    void a_wait_that_is_too_short_ends_with_when_to_come_back_and_charges_nothing() throws Exception {
        limits.define(NamedLimit.atMost("api", 1, Duration.ofMinutes(1)));
        patient.acquire(CALL, Duration.ZERO);

        Passage passage = patient.acquire(CALL, Duration.ofMillis(20));
        assertThat(passage)
                .isInstanceOfSatisfying(
                        Passage.Denied.class,
                        denied -> assertThat(denied.retryAfter())
                                .isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1)));
        assertThat(limits.usage(CALL).used()).isEqualTo(1);
    }

    @Test
    void what_a_call_throws_is_thrown_on_and_what_it_took_stays_taken() {
        limits.define(NamedLimit.atMost("api", 2, Duration.ofMinutes(1)));

        assertThatThrownBy(() -> patient.call(CALL, LONG, () -> {
                    throw new java.io.IOException("the API is down");
                }))
                .isInstanceOf(java.io.IOException.class)
                .hasMessage("the API is down");
        assertThat(limits.usage(CALL).used()).isEqualTo(1);
    }

    @Test
    void who_gave_up_waiting_holds_nobody_up() throws Exception {
        limits.define(NamedLimit.atMost("api", 10, Duration.ofHours(1)));
        limits.acquire(CALL.weighing(8));
        assertThat(patient.acquire(CALL.weighing(5), Duration.ofMillis(20)).passes())
                .isFalse();

        await().atMost(LONG).until(() -> limits.acquire(CALL).passes());
    }

    @Test
    void a_place_is_kept_as_long_as_anybody_waits_and_asked_for_anew_when_those_gave_up_that_it_was_asked_for()
            throws Exception {
        limits.define(NamedLimit.atMost("api", 1, Duration.ofHours(1)));
        limits.acquire(CALL);
        List<Duration> stays = Collections.synchronizedList(new ArrayList<>());
        NamedLimits watched = new Watched(limits, passage -> {}, () -> {}) {
            @Override
            public Passage acquire(Use use, Optional<Waiter> waiter) {
                waiter.ifPresent(process -> stays.add(process.stays()));
                return super.acquire(use, waiter);
            }
        };
        var waiting = new PatientNamedLimits(watched, room, new Waiter("process1"));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first = threads.submit(() -> waiting.acquire(CALL, Duration.ofSeconds(1)));
            await().atMost(LONG).until(() -> stays.size() == 1);
            var longer = threads.submit(() -> waiting.acquire(CALL, LONG));
            assertThat(first.get().passes()).isFalse();

            await().atMost(LONG).until(() -> stays.size() == 2);
            longer.cancel(true);
        }
        assertThat(stays.get(0)).isBetween(Crowds.MARGIN, Crowds.MARGIN.plusSeconds(1));
        assertThat(stays.get(1)).isBetween(LONG.dividedBy(2), LONG.plus(Crowds.MARGIN));
    }

    @Test
    void whose_caller_left_waits_no_longer_and_is_not_charged() throws Exception {
        limits.define(NamedLimit.atMost("api", 1, Duration.ofHours(1)));
        limits.acquire(CALL);
        var gone = new CompletableFuture<Void>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = threads.submit(() -> patient.acquire(CALL, LONG, gone));
            await().atMost(LONG).until(() -> room.size() == 1);
            gone.complete(null);

            assertThat(waiting.get().passes()).isFalse();
        }
        assertThat(limits.usage(CALL).used()).isEqualTo(1);
    }

    @Test
    void who_waited_in_vain_while_the_store_was_away_is_told_that_not_all_was_asked() throws Exception {
        limits.define(NamedLimit.atMost("api", 1, Duration.ofMinutes(1)));
        patient.acquire(CALL, Duration.ZERO);
        NamedLimits away = new Watched(limits, passage -> {}, () -> {}) {
            @Override
            public Passage acquire(Use use, Optional<Waiter> waiter) {
                Passage passage = super.acquire(use, waiter);
                return Passage.denied(passage.limit(), passage.remaining(), Duration.ofMinutes(1), false);
            }
        };

        assertThat(new PatientNamedLimits(away, room, new Waiter("process1"))
                        .acquire(CALL, Duration.ofMillis(20))
                        .complete())
                .isFalse();
    }

    @Test
    void in_shadow_mode_nobody_waits() throws Exception {
        limits.define(NamedLimit.atMost("api", 1, Duration.ofMinutes(1)).withShadow(true));

        assertThat(patient.acquire(CALL, LONG)).isInstanceOf(Passage.Allowed.class);
        assertThat(patient.acquire(CALL, LONG)).isInstanceOf(Passage.Overlooked.class);
    }

    @Test
    void who_waits_by_what_no_longer_holds_asks_again_once_it_is_heard_of() throws Exception {
        limits.define(NamedLimit.atMost("api", 1, Duration.ofHours(1)));
        patient.acquire(CALL, Duration.ZERO);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Passage> waiting = threads.submit(() -> patient.acquire(CALL, LONG));
            Future<Passage> behind = threads.submit(() -> patient.acquire(CALL, LONG));
            await().atMost(LONG).until(() -> room.size() == 2);
            patient.refresh();
            assertThat(waiting.isDone()).isFalse();

            limits.define(NamedLimit.atMost("api", 3, Duration.ofHours(1)));
            await().atMost(LONG).until(() -> {
                patient.refresh();
                return waiting.isDone() && behind.isDone();
            });
            assertThat(waiting.get()).isInstanceOf(Passage.Allowed.class);
            assertThat(behind.get()).isInstanceOf(Passage.Allowed.class);
        }
    }

    @Test
    void who_waits_for_a_limit_that_is_removed_is_told_so() throws Exception {
        limits.define(NamedLimit.atMost("api", 1, Duration.ofHours(1)));
        patient.acquire(CALL, Duration.ZERO);
        var denied = new CountDownLatch(1);
        var hearing = new PatientNamedLimits(
                new Watched(limits, passage -> denied.countDown(), () -> {}), room, new Waiter("process1"));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Passage> waiting = threads.submit(() -> hearing.acquire(CALL, Duration.ofMinutes(5)));
            assertThat(denied.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();

            limits.remove("api");
            await().atMost(LONG).until(() -> {
                hearing.refresh();
                return waiting.isDone();
            });
            assertThatThrownBy(waiting::get).hasCauseInstanceOf(UnknownLimitException.class);
        }
    }

    @Test
    void an_interrupted_wait_ends_and_leaves_its_place() throws Exception {
        limits.define(NamedLimit.atMost("api", 1, Duration.ofMinutes(1)));
        patient.acquire(CALL, Duration.ZERO);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = threads.submit(() -> patient.acquire(CALL, LONG));
            await().atMost(LONG).until(() -> room.size() == 1);
            waiting.cancel(true);
            await().atMost(LONG).until(() -> room.size() == 0);
        }
        assertThat(limits.usage(CALL).used()).isEqualTo(1);
    }

    @Test
    void a_room_that_is_full_denies_without_asking() throws Exception {
        limits.define(NamedLimit.atMost("api", 1, Duration.ofMinutes(1)));
        patient.acquire(CALL, Duration.ZERO);
        try (var small = new WaitingRoom(1);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var crowded = new PatientNamedLimits(limits, small, new Waiter("process1"));
            var waiting = threads.submit(() -> crowded.acquire(CALL, LONG));
            await().atMost(LONG).until(() -> small.size() == 1);

            assertThat(crowded.acquire(CALL, LONG))
                    .isEqualTo(new Passage.Denied(
                            NamedLimit.atMost("api", 1, Duration.ofMinutes(1)), 0, Duration.ofSeconds(1), true));
            waiting.cancel(true);
        }
    }

    @Test
    void what_can_never_pass_is_told_so_without_waiting() {
        limits.define(NamedLimit.atMost("api", 1, Duration.ofMinutes(1)));

        assertThatThrownBy(() -> patient.acquire(CALL.weighing(2), LONG)).isInstanceOf(TooHeavyException.class);
        assertThatThrownBy(() -> patient.acquire(Use.of("other"), LONG)).isInstanceOf(UnknownLimitException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> patient.acquire(CALL, Duration.ofMillis(-1)));
        assertThat(room.size()).isZero();
    }

    /** Limits whose questions and answers are watched. */
    private static class Watched implements NamedLimits {
        private final NamedLimits limits;
        private final java.util.function.Consumer<Passage> answered;
        private final Runnable asking;

        Watched(NamedLimits limits, java.util.function.Consumer<Passage> answered, Runnable asking) {
            this.limits = limits;
            this.answered = answered;
            this.asking = asking;
        }

        @Override
        public Passage acquire(Use use, Optional<Waiter> waiter) {
            asking.run();
            Passage passage = limits.acquire(use, waiter);
            answered.accept(passage);
            return passage;
        }

        @Override
        public void define(NamedLimit limit) {
            limits.define(limit);
        }

        @Override
        public NamedLimit defineIfAbsent(NamedLimit limit) {
            return limits.defineIfAbsent(limit);
        }

        @Override
        public boolean remove(String name) {
            return limits.remove(name);
        }

        @Override
        public List<NamedLimit> list() {
            return limits.list();
        }

        @Override
        public Optional<NamedLimit> find(String name) {
            return limits.find(name);
        }

        @Override
        public LimitUsage usage(Use use) {
            return limits.usage(use);
        }
    }
}
