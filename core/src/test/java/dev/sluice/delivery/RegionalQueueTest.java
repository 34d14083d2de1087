package dev.sluice.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.idempotency.KeyStanding;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.NewMessage;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages with keys that wait in one region's queue. */
@Timeout(60)
class RegionalQueueTest extends RegionsFixture {
    /** Long enough for a twin's answer, and all of it is waited where the twin is queued. */
    private static final Duration BRIEFLY = Duration.ofSeconds(3);

    @Test
    void a_message_is_queued_once_over_all_regions_and_its_key_is_no_calls_any_more() throws Exception {
        var sent = new AtomicInteger();
        for (String home : NAMES) {
            OutboundCall order = homedIn(home, 1, "order " + home);
            var id = ((Enqueued.Added) eu().queues(order)).id();

            for (Region region : List.of(eu(), us(), asia())) {
                assertThat(region.queues(order)).isEqualTo(new Enqueued.Known(id));
                assertThat(region.sends(waiting(order, Duration.ZERO), counting(sent)))
                        .isEqualTo(new Outcome.Queued(id, true));
            }
            assertThat(us().queue.find(id)).isEmpty();
            assertThat(asia().queue.find(id)).isEmpty();
        }
        assertThat(sent).hasValue(0);
    }

    @Test
    void of_twins_that_are_queued_and_sent_in_all_regions_at_once_one_is() throws Exception {
        for (int round = 0; round < 4; round++) {
            var sent = new AtomicInteger();
            OutboundCall order = homedIn(NAMES.get(round % 3), 100 + round, "order " + round);
            var start = new CountDownLatch(1);
            var queued = new ArrayList<Future<Enqueued>>();
            var called = new ArrayList<Future<Outcome>>();
            for (Region region : List.of(eu(), us(), asia())) {
                queued.add(threads.submit(() -> {
                    start.await();
                    return region.queues(order);
                }));
                called.add(threads.submit(() -> {
                    start.await();
                    return region.sends(waiting(order, BRIEFLY), counting(sent));
                }));
            }
            start.countDown();
            int added = 0;
            for (Future<Enqueued> one : queued) {
                added += one.get() instanceof Enqueued.Added ? 1 : 0;
            }
            for (Future<Outcome> one : called) {
                assertThat(one.get())
                        .isInstanceOfAny(Outcome.Sent.class, Outcome.Duplicate.class, Outcome.Queued.class);
            }
            assertThat(added + sent.get()).as("round %d", round).isEqualTo(1);
        }
    }

    @Test
    void a_message_that_was_taken_back_lets_its_key_go_in_its_own_region() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall order = homedIn("us", 1, "order");
        var id = ((Enqueued.Added) eu().queues(order)).id();
        eu().queue.cancel(id);

        assertThat(asia().sends(order, counting(sent))).isEqualTo(new Outcome.Queued(id, true));
        assertThat(eu().sends(order, counting(sent))).isInstanceOf(Outcome.Sent.class);
        assertThat(sent).hasValue(1);
    }

    @Test
    void a_queue_that_has_no_room_lets_the_key_go() throws Exception {
        OutboundCall order = homedIn("us", 1, "order");
        assertThat(eu().gateway.queueing().enqueue(order, Duration.ZERO, () -> new Enqueued.Full(1)))
                .isEqualTo(new Enqueued.Full(1));
        assertThat(asia().queues(order)).isInstanceOf(Enqueued.Added.class);
    }

    @Test
    void a_message_that_is_queued_though_nobody_heard_it_is_found_in_its_own_region_and_unknown_in_others()
            throws Exception {
        var sent = new AtomicInteger();
        OutboundCall order = homedIn("us", 1, "order");
        var message = NewMessage.to(order.chat().orElseThrow(), "queued".getBytes(UTF_8))
                .once(order.key().orElseThrow().digest(), order.fingerprint());
        assertThatThrownBy(() -> eu().gateway.queueing().enqueue(order, Duration.ZERO, () -> {
                    eu().queue.enqueue(bot, message);
                    throw new RedisUnavailableException("lost", true, null);
                }))
                .isInstanceOf(RedisUnavailableException.class);

        var id = ((Enqueued.Known) eu().queues(order)).id();
        assertThat(eu().queue.find(id)).isPresent();
        assertThat(eu().sends(waiting(order, Duration.ZERO), counting(sent))).isEqualTo(new Outcome.Queued(id, true));
        assertThat(asia().queues(order)).isEqualTo(new Enqueued.Claimed(KeyStanding.UNKNOWN));
        assertThat(asia().sends(order, counting(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(sent).hasValue(0);
    }

    @Test
    void a_message_of_which_nobody_knows_whether_it_is_queued_is_unknown_everywhere() throws Exception {
        var sent = new AtomicInteger();
        OutboundCall order = homedIn("us", 1, "order");
        assertThatThrownBy(() -> eu().gateway.queueing().enqueue(order, Duration.ZERO, () -> {
                    throw new RedisUnavailableException("lost", true, null);
                }))
                .isInstanceOf(RedisUnavailableException.class);
        assertThat(asia().queues(order)).isEqualTo(new Enqueued.Claimed(KeyStanding.UNKNOWN));
        assertThat(asia().sends(order, counting(sent))).isInstanceOf(Outcome.Unknown.class);
        assertThat(sent).hasValue(0);
    }
}
