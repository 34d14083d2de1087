package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.limit.Ticket.State;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WaitingRoomTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Bucket SHARED = new Bucket("7", "bot", "7");

    private static final Charge WEIGHTLESS = new Charge(SHARED, Limit.atMost(30, Duration.ofSeconds(1)), 0);

    private final WaitingRoom room = new WaitingRoom(10_000);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        threads.shutdownNow();
        room.close();
    }

    @Test
    void the_first_of_a_free_lane_tries_at_once() throws Exception {
        try (Ticket ticket = enter("a")) {
            assertThat(ticket.await(Duration.ZERO, passes("in"))).isEqualTo(new Turn.Came<>("in"));
        }
        assertThat(room.size()).isZero();
    }

    @Test
    void a_lane_lets_its_next_one_try_only_when_the_one_that_is_out_has_closed() throws Exception {
        Ticket first = enter("a");
        first.await(Duration.ZERO, passes("first"));
        Ticket second = enter("a");
        assertThat(second.await(Duration.ZERO, passes("second"))).isInstanceOf(Turn.TimedOut.class);
        Future<Turn<String>> waiting = threads.submit(() -> second.await(LONG, passes("second")));
        first.close();
        assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo(new Turn.Came<>("second"));
        second.close();
    }

    @Test
    void who_is_denied_by_what_changed_during_the_try_tries_again_at_once() throws Exception {
        var tries = new AtomicInteger();
        Ticket ticket = enter("a");
        Turn<String> turn = ticket.await(LONG, () -> {
            if (tries.incrementAndGet() > 1) {
                return new Ruling.Decided<>("in");
            }
            room.reopen(ticket.tag(), bucket -> true);
            Bucket full = ticket.charges().getFirst().bucket();
            return new Ruling.NotYet<>(new Decision.Denied(full, Decision.Cause.LIMIT, LONG.multipliedBy(100), 0));
        });
        assertThat(turn).isEqualTo(new Turn.Came<>("in"));
        ticket.close();
    }

    @Test
    void who_is_denied_by_a_limit_that_came_anew_waits_for_that() throws Exception {
        var added = new Charge(new Bucket("7", "user", "1"), Limit.atMost(1, Duration.ofSeconds(1)), 1);
        var tries = new AtomicInteger();
        Ticket ticket = enter("a");
        Turn<String> turn = ticket.await(LONG, () -> {
            if (tries.incrementAndGet() > 1) {
                return new Ruling.Decided<>("in");
            }
            var charges = new ArrayList<>(ticket.charges());
            charges.add(added);
            ticket.recharge(charges);
            return new Ruling.NotYet<>(
                    new Decision.Denied(added.bucket(), Decision.Cause.LIMIT, Duration.ofMillis(20), 0));
        });
        assertThat(turn).isEqualTo(new Turn.Came<>("in"));
        ticket.close();
    }

    @Test
    void other_lanes_do_not_wait_for_a_lane_that_is_held_up() throws Exception {
        try (Ticket held = enter("a");
                Ticket free = enter("b")) {
            held.await(Duration.ZERO, passes("a"));
            assertThat(free.await(Duration.ZERO, passes("b"))).isEqualTo(new Turn.Came<>("b"));
        }
    }

    @Test
    void those_who_need_a_full_bucket_line_up_without_asking_again() throws Exception {
        var asked = new AtomicInteger();
        var open = new AtomicBoolean();
        Ticket first = enter("a");
        assertThat(first.await(Duration.ofMillis(20), denied(asked, Duration.ofSeconds(20), open)))
                .isInstanceOf(Turn.TimedOut.class);
        assertThat(asked).hasValue(1);
        for (int i = 0; i < 20; i++) {
            try (Ticket next = enter("lane" + i)) {
                assertThat(next.wouldWait()).isTrue();
                Turn<String> turn = next.await(Duration.ZERO, denied(asked, Duration.ofSeconds(20), open));
                assertThat(turn).isInstanceOfSatisfying(Turn.TimedOut.class, timedOut -> {
                    assertThat(timedOut.bucket()).isEqualTo(SHARED);
                    assertThat(timedOut.retryAfter()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(20));
                });
            }
        }
        assertThat(asked).hasValue(1);
        first.close();
    }

    @Test
    void a_gate_lets_them_through_in_order_of_arrival_until_one_is_denied() throws Exception {
        var order = Collections.synchronizedList(new ArrayList<Integer>());
        var room30 = new AtomicInteger(0);
        var asked = new AtomicInteger();
        List<Future<Turn<Integer>>> turns = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int me = i;
            Ticket ticket = enter("lane" + i);
            turns.add(threads.submit(() -> {
                try (ticket) {
                    return ticket.await(LONG, () -> {
                        asked.incrementAndGet();
                        if (room30.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                            order.add(me);
                            return new Ruling.Decided<>(me);
                        }
                        return new Ruling.NotYet<>(full(Duration.ofMillis(30)));
                    });
                }
            }));
            // Everyone is denied once, or finds the gate closed, before anyone passes.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> asked.get() >= 1 && ticket.isIn(State.AT_GATE));
        }
        room30.set(100);
        for (Future<Turn<Integer>> turn : turns) {
            assertThat(turn.get(20, TimeUnit.SECONDS)).isInstanceOf(Turn.Came.class);
        }
        assertThat(order).hasSize(10).isSorted();
    }

    @Test
    void who_steps_aside_comes_back_to_its_old_place() throws Exception {
        Ticket first = enter("a");
        first.await(Duration.ZERO, passes("1"));
        Ticket second = enter("a");
        first.stepAside();
        assertThat(second.await(Duration.ZERO, denied(new AtomicInteger(), LONG, new AtomicBoolean())))
                .isInstanceOf(Turn.TimedOut.class);
        first.close();
        second.close();
        assertThat(room.size()).isZero();
    }

    @Test
    void a_higher_priority_takes_the_head_of_its_lane_from_one_that_waits() throws Exception {
        var open = new AtomicBoolean();
        var order = Collections.synchronizedList(new ArrayList<String>());
        Ticket low = room.enter("a", charges("a"), Priority.LOW).orElseThrow();
        Future<?> lowTurn = threads.submit(() -> run(low, "low", open, order));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> low.isIn(State.AT_GATE));
        Ticket high = room.enter("a", charges("a"), Priority.HIGH).orElseThrow();
        Future<?> highTurn = threads.submit(() -> run(high, "high", open, order));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> low.isIn(State.BEHIND));
        open.set(true);
        lowTurn.get(10, TimeUnit.SECONDS);
        highTurn.get(10, TimeUnit.SECONDS);
        assertThat(order).containsExactly("high", "low");
    }

    @Test
    void a_higher_priority_that_came_during_a_try_goes_first_if_the_try_is_denied() throws Exception {
        Ticket low = room.enter("a", charges("a"), Priority.LOW).orElseThrow();
        Ticket high = room.enter("a", charges("a"), Priority.HIGH).orElseThrow();
        var highTurn = new ArrayList<Future<Turn<String>>>();
        Future<Turn<String>> lowTurn = threads.submit(() -> low.await(LONG, () -> {
            if (!highTurn.isEmpty()) {
                return new Ruling.Decided<>("low");
            }
            highTurn.add(threads.submit(() -> high.await(LONG, passes("high"))));
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> high.isIn(State.BEHIND));
            return new Ruling.NotYet<>(full(Duration.ofMillis(1)));
        }));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> high.isIn(State.OUT));
        assertThat(lowTurn.isDone()).isFalse();
        high.close();
        assertThat(lowTurn.get(10, TimeUnit.SECONDS)).isEqualTo(new Turn.Came<>("low"));
        low.close();
    }

    private Void run(Ticket ticket, String name, AtomicBoolean open, List<String> order) throws InterruptedException {
        try (ticket) {
            ticket.await(LONG, () -> {
                if (!open.get()) {
                    return new Ruling.NotYet<>(full(Duration.ofMillis(20)));
                }
                order.add(name);
                return new Ruling.Decided<>(name);
            });
        }
        return null;
    }

    @Test
    void a_cancelled_wait_ends_at_once_and_the_lane_goes_on() throws Exception {
        Ticket out = enter("a");
        out.await(Duration.ZERO, passes("out"));
        Ticket cancelled = enter("a");
        Future<Turn<String>> waiting = threads.submit(() -> cancelled.await(LONG, passes("never")));
        Ticket next = enter("a");
        Future<Turn<String>> behind = threads.submit(() -> next.await(LONG, passes("next")));
        cancelled.cancel();
        assertThat(waiting.get(10, TimeUnit.SECONDS)).isEqualTo(new Turn.Cancelled<>());
        cancelled.close();
        out.close();
        assertThat(behind.get(10, TimeUnit.SECONDS)).isEqualTo(new Turn.Came<>("next"));
        next.close();
        assertThat(room.size()).isZero();
    }

    @Test
    void a_cancel_during_a_try_ends_the_wait_once_the_try_is_denied() throws Exception {
        Ticket ticket = enter("a");
        Future<Turn<String>> turn = threads.submit(() -> ticket.await(LONG, () -> {
            ticket.cancel();
            return new Ruling.NotYet<>(full(LONG));
        }));
        assertThat(turn.get(10, TimeUnit.SECONDS)).isEqualTo(new Turn.Cancelled<>());
        try (Ticket next = enter("a")) {
            assertThat(next.await(Duration.ZERO, passes("never"))).isInstanceOf(Turn.TimedOut.class);
        }
    }

    @Test
    void a_cancel_between_two_waits_ends_the_second() throws Exception {
        try (Ticket ticket = enter("a")) {
            ticket.await(Duration.ZERO, passes("told 429"));
            ticket.cancel();
            assertThat(ticket.await(LONG, passes("never"))).isEqualTo(new Turn.Cancelled<>());
        }
        try (Ticket next = enter("a")) {
            assertThat(next.await(Duration.ZERO, passes("fine"))).isEqualTo(new Turn.Came<>("fine"));
        }
    }

    @Test
    void who_weighs_nothing_in_a_full_bucket_passes_by_those_who_line_up_at_it() throws Exception {
        try (Ticket full = enter("a");
                Ticket paid =
                        room.enter("b", List.of(WEIGHTLESS), Priority.NORMAL).orElseThrow()) {
            full.await(Duration.ofMillis(1), denied(new AtomicInteger(), LONG, new AtomicBoolean()));
            assertThat(paid.wouldWait()).isFalse();
            assertThat(paid.await(Duration.ZERO, passes("paid"))).isEqualTo(new Turn.Came<>("paid"));
        }
    }

    @Test
    void who_weighs_nothing_lines_up_at_a_park() throws Exception {
        var asked = new AtomicInteger();
        try (Ticket first =
                        room.enter("a", List.of(WEIGHTLESS), Priority.NORMAL).orElseThrow();
                Ticket second =
                        room.enter("b", List.of(WEIGHTLESS), Priority.NORMAL).orElseThrow()) {
            first.await(Duration.ofMillis(1), denied(asked, LONG, new AtomicBoolean()));
            assertThat(second.wouldWait()).isTrue();
            assertThat(second.await(Duration.ZERO, denied(asked, LONG, new AtomicBoolean())))
                    .isInstanceOf(Turn.TimedOut.class);
        }
        assertThat(asked).hasValue(1);
    }

    @Test
    void the_earliest_turn_counts_the_weight_of_those_ahead() throws Exception {
        var group = new Bucket("7", "group", "-5");
        var album = List.of(new Charge(group, Limit.atMost(20, Duration.ofMinutes(1)), 10));
        Supplier<Ruling<String>> full =
                () -> new Ruling.NotYet<>(new Decision.Denied(group, Decision.Cause.LIMIT, Duration.ofSeconds(10), 0));
        for (int i = 0; i < 2; i++) {
            Ticket ahead = room.enter("-5", album, Priority.NORMAL).orElseThrow();
            threads.submit(() -> ahead.await(LONG, full));
            State waits = i == 0 ? State.AT_GATE : State.BEHIND;
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> ahead.isIn(waits));
        }
        try (Ticket third = room.enter("-5", album, Priority.NORMAL).orElseThrow()) {
            assertThat(third.await(Duration.ZERO, full))
                    .isInstanceOfSatisfying(
                            Turn.TimedOut.class,
                            timedOut -> assertThat(timedOut.retryAfter())
                                    .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(70)));
        }
    }

    @Test
    void a_try_that_fails_leaves_its_lane_and_its_gate_usable() throws Exception {
        try (Ticket failing = enter("a")) {
            assertThatThrownBy(() -> failing.await(LONG, () -> {
                        throw new IllegalStateException("broken store");
                    }))
                    .hasMessage("broken store");
        }
        try (Ticket next = enter("a")) {
            assertThat(next.await(Duration.ZERO, passes("fine"))).isEqualTo(new Turn.Came<>("fine"));
        }
    }

    @Test
    void a_full_room_takes_nobody_in() {
        try (var small = new WaitingRoom(1);
                Ticket only = small.enter("a", charges("a"), Priority.NORMAL).orElseThrow()) {
            assertThat(only.wouldWait()).isFalse();
            assertThat(small.enter("b", charges("b"), Priority.NORMAL)).isEmpty();
        }
    }

    @Test
    void nobody_is_forgotten_under_random_arrivals_denials_cancels_and_timeouts() throws Exception {
        RateLimiter limiter = RateLimiters.inMemory();
        Limit bot = Limit.atMost(40, Duration.ofMillis(100));
        Limit chat = Limit.atMost(1, Duration.ofMillis(10));
        var random = new Random(20261121);
        var came = new AtomicInteger();
        var ended = new AtomicInteger();
        int calls = 1_500;
        var start = new CountDownLatch(1);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            String lane = "chat" + random.nextInt(40);
            boolean cancels = random.nextInt(10) == 0;
            Duration wait = random.nextInt(10) == 0 ? Duration.ofMillis(random.nextInt(50)) : LONG;
            List<Charge> charges =
                    List.of(new Charge(SHARED, bot, 1), new Charge(new Bucket("7", "chat", lane), chat, 1));
            all.add(threads.submit(() -> {
                start.await();
                try (Ticket ticket = room.enter(lane, charges, Priority.NORMAL).orElseThrow()) {
                    if (cancels) {
                        threads.submit(ticket::cancel);
                    }
                    Turn<Boolean> turn = ticket.await(wait, () -> switch (limiter.tryAcquire(Acquisition.of(charges))) {
                        case Decision.Allowed a -> new Ruling.Decided<>(true);
                        case Decision.Denied denied -> new Ruling.NotYet<>(denied);
                    });
                    if (turn instanceof Turn.Came) {
                        came.incrementAndGet();
                    } else {
                        assertThat(cancels || wait.compareTo(LONG) < 0).isTrue();
                    }
                    ended.incrementAndGet();
                }
                return null;
            }));
        }
        start.countDown();
        for (Future<?> call : all) {
            call.get(45, TimeUnit.SECONDS);
        }
        assertThat(ended).hasValue(calls);
        assertThat(came.get()).isGreaterThan(calls / 2);
        assertThat(room.size()).isZero();
    }

    private Ticket enter(String lane) {
        return room.enter(lane, charges(lane), Priority.NORMAL).orElseThrow();
    }

    private static List<Charge> charges(String lane) {
        return List.of(
                new Charge(SHARED, Limit.atMost(30, Duration.ofSeconds(1)), 1),
                new Charge(new Bucket("7", "chat", lane), Limit.atMost(1, Duration.ofSeconds(1)), 1));
    }

    private static Decision.Denied full(Duration retryAfter) {
        return new Decision.Denied(SHARED, Decision.Cause.LIMIT, retryAfter, 0);
    }

    private static <T> Supplier<Ruling<T>> passes(T value) {
        return () -> new Ruling.Decided<>(value);
    }

    private static Supplier<Ruling<String>> denied(AtomicInteger asked, Duration retryAfter, AtomicBoolean open) {
        return () -> {
            asked.incrementAndGet();
            return open.get() ? new Ruling.Decided<>("in") : new Ruling.NotYet<>(full(retryAfter));
        };
    }
}
