package dev.sluice.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.Attempt.Answered;
import dev.sluice.delivery.Attempt.NotReached;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every backend's pipeline must do. Two pipelines share the backend, as two replicas would. */
@Timeout(60)
abstract class DeliveryContract extends ChangingLimitsContract {
    @Test
    void a_call_within_its_limits_is_sent_at_once() throws Exception {
        assertThat(deliver(one, call(1, "hello"), answers(ok(1)))).isEqualTo(new Outcome.Sent(ok(1)));
    }

    @Test
    void a_call_over_its_chats_limit_waits_for_its_turn() throws Exception {
        var sent = new AtomicInteger();
        Sender sender = counting(sent);
        long start = System.nanoTime();
        deliver(one, call(1, "a"), sender);
        assertThat(deliver(one, call(1, "b"), sender)).isInstanceOf(Outcome.Sent.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(CHAT_WINDOW);
        assertThat(sent).hasValue(2);
    }

    @Test
    void a_call_that_was_written_late_keeps_the_next_one_as_far_behind() throws Exception {
        // What is admitted before the limiter has been told stays admitted: the window must not be over by then.
        Duration window = Duration.ofSeconds(2);
        var wroteAt = new AtomicLong();
        Sender late = dispatch -> {
            // A connection that takes its time.
            new CountDownLatch(1).await(window.toMillis() / 2, TimeUnit.MILLISECONDS);
            wroteAt.set(System.nanoTime());
            dispatch.writing().run();
            return new Answered(ok(1));
        };
        var next = new AtomicLong();
        try (var first = newPipeline(withChatWindow(window));
                var second = newPipeline(withChatWindow(window))) {
            deliver(first, call(1, "late"), late);
            deliver(second, waiting(call(1, "next"), Duration.ofSeconds(30)), dispatch -> {
                next.set(System.nanoTime());
                return new Answered(ok(2));
            });
        }
        assertThat(Duration.ofNanos(next.get() - wroteAt.get())).isGreaterThanOrEqualTo(window.minusMillis(1));
    }

    @Test
    void a_call_whose_turn_does_not_come_in_time_is_withdrawn_and_told_when() throws Exception {
        var sent = new AtomicInteger();
        Duration window = Duration.ofMinutes(1);
        try (var slow = newPipeline(withChatWindow(window))) {
            deliver(slow, call(1, "a"), counting(sent));
            Outcome outcome = deliver(slow, waiting(call(1, "b"), Duration.ofMillis(50)), counting(sent));
            assertThat(outcome).isInstanceOfSatisfying(Outcome.RateLimited.class, limited -> {
                assertThat(limited.scope()).isEqualTo("chat");
                assertThat(limited.retryAfter()).isBetween(Duration.ZERO, window);
            });
        }
        assertThat(sent).hasValue(1);
    }

    @Test
    void a_withdrawn_calls_retry_after_counts_those_ahead_of_it() throws Exception {
        Duration window = Duration.ofMinutes(1);
        try (var slow = newPipeline(withChatWindow(window))) {
            deliver(slow, call(1, "a"), answers(ok(1)));
            var ahead = new Caller();
            List<Future<Delivery.Delivered>> those = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                OutboundCall call = waiting(call(1, "b" + i), Duration.ofMinutes(10));
                those.add(threads.submit(() -> slow.deliver(call, ahead, answers(ok(2)))));
            }
            awaitWaiting(slow, 5);
            Outcome outcome = deliver(slow, waiting(call(1, "c"), Duration.ZERO), answers(ok(3)));
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            Outcome.RateLimited.class,
                            limited -> assertThat(limited.retryAfter()).isGreaterThan(window.multipliedBy(4)));
            ahead.leave();
            for (Future<Delivery.Delivered> that : those) {
                that.get(10, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void a_chats_calls_leave_in_the_order_of_their_arrival_one_at_a_time() throws Exception {
        var order = Collections.synchronizedList(new ArrayList<Integer>());
        var out = new AtomicInteger();
        var release = new CountDownLatch(1);
        List<Future<Outcome>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int message = i;
            Sender sender = dispatch -> {
                assertThat(out.incrementAndGet()).isEqualTo(1);
                release.await();
                order.add(message);
                out.decrementAndGet();
                return new Answered(ok(message));
            };
            calls.add(threads.submit(() ->
                    deliver(one, waiting(call(1, "m" + message), Duration.ofSeconds(20)), sender)));
            // The first is out until all have come, so the order of their coming is known.
            awaitWaiting(one, i + 1);
        }
        release.countDown();
        for (Future<Outcome> call : calls) {
            assertThat(call.get(20, TimeUnit.SECONDS)).isInstanceOf(Outcome.Sent.class);
        }
        assertThat(order).containsExactly(0, 1, 2, 3);
    }

    @Test
    void a_caller_that_leaves_while_waiting_withdraws_its_call() throws Exception {
        var sent = new AtomicInteger();
        try (var slow = newPipeline(withChatWindow(MINUTE))) {
            deliver(slow, call(1, "a"), counting(sent));
            var caller = new Caller();
            OutboundCall patient = waiting(call(1, "b"), MINUTE.multipliedBy(10));
            Future<Outcome> waiting = threads.submit(
                    () -> slow.deliver(patient, caller, counting(sent)).outcome());
            awaitWaiting(slow, 1);
            caller.leave();
            assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo(new Outcome.Withdrawn());
        }
        assertThat(sent).hasValue(1);
    }

    @Test
    void a_429_parks_the_chat_for_all_replicas_and_the_call_goes_when_it_ends() throws Exception {
        var attempts = new AtomicInteger();
        Duration park = CHAT_WINDOW.multipliedBy(2);
        long start = System.nanoTime();
        Outcome outcome = deliver(
                one,
                waiting(call(7, "a"), Duration.ofSeconds(10)),
                dispatch -> new Answered(attempts.incrementAndGet() == 1 ? flood(park) : ok(1)));
        assertThat(outcome).isEqualTo(new Outcome.Sent(ok(1)));
        assertThat(attempts).hasValue(2);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(park);
    }

    @Test
    void a_parked_chat_is_closed_on_the_other_replica_too() throws Exception {
        Outcome first = deliver(one, waiting(call(7, "a"), Duration.ZERO), answers(flood(Duration.ofSeconds(30))));
        assertThat(first).isEqualTo(new Outcome.RateLimited("chat", Duration.ofSeconds(30)));
        Outcome second = deliver(other, waiting(call(7, "b"), Duration.ZERO), answers(ok(1)));
        assertThat(second)
                .isInstanceOfSatisfying(
                        Outcome.RateLimited.class,
                        limited -> assertThat(limited.retryAfter())
                                .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(30)));
        assertThat(deliver(other, call(8, "c"), answers(ok(2)))).isInstanceOf(Outcome.Sent.class);
    }

    @Test
    void three_chats_told_429_within_a_second_park_the_bot() throws Exception {
        long first;
        int chat = 0;
        do {
            // Three more where the machine stood still for so long that the second was over.
            first = System.nanoTime();
            for (int told = 0; told < 3; told++) {
                deliver(one, waiting(call(++chat, "a"), Duration.ZERO), answers(flood(MINUTE)));
            }
        } while (System.nanoTime() - first >= Duration.ofSeconds(1).toNanos());
        assertThat(deliver(other, waiting(call(99, "b"), Duration.ZERO), answers(ok(1))))
                .isInstanceOfSatisfying(
                        Outcome.RateLimited.class,
                        limited -> assertThat(limited.scope()).isEqualTo("bot"));
    }

    @Test
    void an_unanswered_send_is_unknown_and_never_sent_again() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall call = keyed(call(1, "a"), "k");
        assertThat(deliver(one, call, unanswered(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(deliver(other, call, counting(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(sent).hasValue(1);
    }

    @Test
    void a_5xx_to_a_send_is_unknown() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall call = call(1, "a");
        assertThat(deliver(one, call, dispatch -> {
                    sent.incrementAndGet();
                    return new Answered(Reply.of(500, "{\"ok\":false}".getBytes(UTF_8)));
                }))
                .isInstanceOf(Outcome.Unknown.class);
        assertThat(sent).hasValue(1);
    }

    @Test
    void a_send_that_did_not_reach_telegram_is_tried_again_and_leaves_no_record() throws Exception {
        var attempts = new AtomicInteger();
        OutboundCall call = keyed(call(1, "a"), "k");
        Outcome outcome = deliver(
                one,
                waiting(call, Duration.ofSeconds(10)),
                dispatch -> attempts.incrementAndGet() < 2 ? new NotReached("connect") : new Answered(ok(1)));
        assertThat(outcome).isEqualTo(new Outcome.Sent(ok(1)));
        assertThat(attempts).hasValue(2);
        OutboundCall next = waiting(keyed(call(2, "b"), "k2"), Duration.ZERO);
        assertThat(deliver(one, next, dispatch -> new NotReached("connect")))
                .isEqualTo(new Outcome.NotReached("connect"));
        assertThat(deliver(other, waiting(next, Duration.ofSeconds(5)), answers(ok(2))))
                .isEqualTo(new Outcome.Sent(ok(2)));
    }

    @Test
    void an_edit_is_tried_again_after_a_5xx_because_repeating_it_is_safe() throws Exception {
        var attempts = new AtomicInteger();
        Outcome outcome = deliver(
                one,
                waiting(method(call(1, "a"), "editMessageText"), Duration.ofSeconds(10)),
                dispatch -> attempts.incrementAndGet() < 2
                        ? new Answered(Reply.of(500, new byte[0]))
                        : new Answered(ok(1)));
        assertThat(outcome).isEqualTo(new Outcome.Sent(ok(1)));
        assertThat(attempts).hasValue(2);
    }

    @Test
    void a_migration_is_followed_to_the_new_chat() throws Exception {
        var targets = new ArrayList<Optional<ChatId>>();
        Reply moved = new Reply(
                400,
                "{\"ok\":false}".getBytes(UTF_8),
                Optional.empty(),
                Optional.of(ChatId.of(-1001)),
                Optional.empty());
        Outcome outcome = deliver(one, call(-5, "a"), dispatch -> {
            targets.add(dispatch.movedTo());
            return new Answered(dispatch.movedTo().isPresent() ? ok(1) : moved);
        });
        assertThat(outcome).isEqualTo(new Outcome.Sent(ok(1)));
        assertThat(targets).containsExactly(Optional.empty(), Optional.of(ChatId.of(-1001)));
    }

    @Test
    void skipping_our_limits_never_waits_but_telegrams_own_429_binds() throws Exception {
        OutboundCall urgent = skipping(call(1, "a"));
        assertThat(deliver(one, urgent, answers(ok(1)))).isInstanceOf(Outcome.Sent.class);
        assertThat(deliver(one, skipping(call(1, "b")), answers(flood(Duration.ofSeconds(20)))))
                .isInstanceOf(Outcome.RateLimited.class);
        assertThat(deliver(one, skipping(call(1, "c")), answers(ok(1)))).isInstanceOf(Outcome.RateLimited.class);
    }

    @Test
    void a_higher_priority_overtakes_within_its_chat() throws Exception {
        var release = new CountDownLatch(1);
        var dispatched = new CountDownLatch(1);
        Future<Outcome> first = threads.submit(() -> deliver(one, call(1, "first"), dispatch -> {
            dispatched.countDown();
            release.await();
            return new Answered(ok(1));
        }));
        dispatched.await();
        var order = Collections.synchronizedList(new ArrayList<String>());
        Future<Outcome> low = threads.submit(() -> deliver(
                one, priority(waiting(call(1, "low"), Duration.ofSeconds(20)), Priority.LOW), recording(order, "low")));
        awaitWaiting(one, 2);
        Future<Outcome> high = threads.submit(() -> deliver(
                one,
                priority(waiting(call(1, "high"), Duration.ofSeconds(20)), Priority.HIGH),
                recording(order, "high")));
        awaitWaiting(one, 3);
        release.countDown();
        first.get(20, TimeUnit.SECONDS);
        low.get(20, TimeUnit.SECONDS);
        high.get(20, TimeUnit.SECONDS);
        assertThat(order).containsExactly("high", "low");
    }

    @Test
    void whoever_waits_in_one_replica_stands_in_line_before_what_another_is_asked_later() throws Exception {
        Duration window = Duration.ofMinutes(1);
        try (var first = newPipeline(withChatWindow(window));
                var second = newPipeline(withChatWindow(window))) {
            deliver(first, call(1, "sent"), answers(ok(1)));
            var waits = new Caller();
            OutboundCall patient = waiting(call(1, "waits"), Duration.ofMinutes(10));
            Future<Delivery.Delivered> waiting = threads.submit(() -> second.deliver(patient, waits, answers(ok(2))));
            Awaitility.await().atMost(20, TimeUnit.SECONDS).untilAsserted(() -> {
                Outcome later = deliver(first, waiting(call(1, "later"), Duration.ZERO), answers(ok(3)));
                assertThat(later)
                        .isInstanceOfSatisfying(
                                Outcome.RateLimited.class,
                                limited -> assertThat(limited.retryAfter()).isGreaterThan(window));
            });
            waits.leave();
            waiting.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void neither_of_two_replicas_starves_when_both_want_the_same_chat() throws Exception {
        // That they take turns is shown where time stands still, in WaitingLineContract: here whoever comes 100 ms late
        // loses its turn.
        int each = 10;
        var order = Collections.synchronizedList(new ArrayList<String>());
        try (var first = newPipeline(withChatWindow(Duration.ofMillis(100)));
                var second = newPipeline(withChatWindow(Duration.ofMillis(100)))) {
            // Telegram parks the chat until all have come.
            deliver(first, waiting(call(1, "told to wait"), Duration.ZERO), answers(flood(Duration.ofSeconds(2))));
            List<Future<Outcome>> calls = new ArrayList<>();
            for (int i = 0; i < each; i++) {
                OutboundCall firsts = waiting(call(1, "first" + i), Duration.ofSeconds(30));
                OutboundCall seconds = waiting(call(1, "second" + i), Duration.ofSeconds(30));
                calls.add(threads.submit(() -> deliver(first, firsts, recording(order, "first"))));
                calls.add(threads.submit(() -> deliver(second, seconds, recording(order, "second"))));
            }
            awaitWaiting(first, each);
            awaitWaiting(second, each);
            for (Future<Outcome> call : calls) {
                assertThat(call.get(30, TimeUnit.SECONDS)).isInstanceOf(Outcome.Sent.class);
            }
        }
        assertThat(order).hasSize(2 * each);
        // Neither is through before the other has got anywhere.
        assertThat(order.subList(0, each)).contains("first", "second");
    }
}
