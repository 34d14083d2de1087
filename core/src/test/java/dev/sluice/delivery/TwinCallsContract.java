package dev.sluice.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.Attempt.Answered;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that are the same: by their keys, and around an attempt whose end is in doubt. Two pipelines share the backend, as two replicas would. */
@Timeout(60)
abstract class TwinCallsContract extends DeliveryCalls {
    Deliveries.Closeable one;
    Deliveries.Closeable other;

    /** A pipeline on the shared backend. */
    abstract Deliveries.Closeable newPipeline(DeliverySettings settings);

    @BeforeEach
    void start() {
        one = newPipeline(settings());
        other = newPipeline(settings());
    }

    @AfterEach
    void stop() {
        threads.shutdownNow();
        one.close();
        other.close();
    }

    @Test
    void a_repeat_under_the_same_key_gets_the_first_answer_and_costs_nothing() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall call = keyed(call(1, "paid"), "order-17");
        assertThat(deliver(one, call, counting(sent))).isInstanceOf(Outcome.Sent.class);
        assertThat(deliver(other, call, counting(sent))).isEqualTo(new Outcome.Duplicate(ok(1)));
        assertThat(sent).hasValue(1);
    }

    @Test
    void a_final_refusal_is_replayed_too() throws Exception {
        OutboundCall call = keyed(call(1, "paid"), "order-17");
        Reply blocked = Reply.of(403, "{\"ok\":false}".getBytes(UTF_8));
        assertThat(deliver(one, call, answers(blocked))).isEqualTo(new Outcome.Refused(blocked));
        assertThat(deliver(other, call, answers(ok(1)))).isEqualTo(new Outcome.Duplicate(blocked));
    }

    @Test
    void a_key_used_for_other_content_is_refused() throws Exception {
        deliver(one, keyed(call(1, "a"), "k"), answers(ok(1)));
        assertThat(deliver(other, keyed(call(1, "b"), "k"), answers(ok(2)))).isEqualTo(new Outcome.Mismatch());
    }

    @Test
    void of_many_twins_on_two_replicas_one_is_sent_and_all_get_its_answer() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall call = waiting(keyed(call(1, "once"), "k"), Duration.ofSeconds(20));
        List<Future<Outcome>> twins = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            var pipeline = i % 2 == 0 ? one : other;
            twins.add(threads.submit(() -> deliver(pipeline, call, counting(sent))));
        }
        var bodies = new ArrayList<String>();
        for (Future<Outcome> twin : twins) {
            Outcome outcome = twin.get(20, TimeUnit.SECONDS);
            bodies.add(new String(
                    switch (outcome) {
                        case Outcome.Sent(Reply reply) -> reply.body();
                        case Outcome.Duplicate(Reply reply) -> reply.body();
                        default -> throw new AssertionError(outcome);
                    },
                    UTF_8));
        }
        assertThat(sent).hasValue(1);
        assertThat(bodies).hasSize(50).containsOnly(new String(ok(1).body(), UTF_8));
    }

    @Test
    void an_identical_call_after_an_unknown_one_is_told_so_within_the_window() throws Exception {
        var sent = new AtomicInteger();
        deliver(one, call(1, "a"), unanswered(sent));
        assertThat(deliver(other, call(1, "a"), counting(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(deliver(other, call(1, "another"), counting(sent))).isInstanceOf(Outcome.Sent.class);
        assertThat(sent).hasValue(2);
    }

    @Test
    void identical_calls_one_after_the_other_are_both_sent() throws Exception {
        var sent = new AtomicInteger();
        deliver(one, call(1, "a"), counting(sent));
        assertThat(deliver(other, call(1, "a"), counting(sent))).isInstanceOf(Outcome.Sent.class);
        assertThat(sent).hasValue(2);
    }

    @Test
    void an_identical_call_in_flight_is_waited_for_and_then_sent() throws Exception {
        var sent = new AtomicInteger();
        var release = new CountDownLatch(1);
        var dispatched = new CountDownLatch(1);
        Future<Outcome> first = threads.submit(() -> deliver(one, call(1, "a"), dispatch -> {
            dispatched.countDown();
            release.await();
            return new Answered(ok(sent.incrementAndGet()));
        }));
        dispatched.await();
        assertThat(deliver(other, waiting(call(1, "a"), Duration.ZERO), counting(sent)))
                .isInstanceOf(Outcome.TwinInFlight.class);
        Future<Outcome> second =
                threads.submit(() -> deliver(other, waiting(call(1, "a"), Duration.ofSeconds(20)), counting(sent)));
        release.countDown();
        assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(new Outcome.Sent(ok(1)));
        assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo(new Outcome.Sent(ok(2)));
    }

    @Test
    void an_answer_that_did_not_reach_its_caller_is_given_to_exactly_one_twin() throws Exception {
        var sent = new AtomicInteger();
        one.deliver(call(1, "a"), new Caller(), counting(sent)).receipt().lost();
        assertThat(deliver(other, call(1, "a"), counting(sent))).isEqualTo(new Outcome.Duplicate(ok(1)));
        assertThat(deliver(other, call(1, "a"), counting(sent))).isEqualTo(new Outcome.Sent(ok(2)));
    }

    @Test
    void a_call_in_flight_for_longer_than_its_lease_keeps_its_claim() throws Exception {
        var sent = new AtomicInteger();
        var release = new CountDownLatch(1);
        var dispatched = new CountDownLatch(1);
        OutboundCall call = keyed(call(1, "a"), "k");
        Future<Outcome> first = threads.submit(() -> deliver(one, call, dispatch -> {
            dispatched.countDown();
            release.await();
            return new Answered(ok(sent.incrementAndGet()));
        }));
        dispatched.await();
        // More than a lease later it is still in flight.
        assertThat(deliver(other, waiting(call, LEASE.multipliedBy(3).dividedBy(2)), counting(sent)))
                .isInstanceOf(Outcome.TwinInFlight.class);
        release.countDown();
        assertThat(first.get(10, TimeUnit.SECONDS)).isEqualTo(new Outcome.Sent(ok(1)));
        assertThat(deliver(other, call, counting(sent))).isEqualTo(new Outcome.Duplicate(ok(1)));
    }
}
