package dev.sluice.server.assembly;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.Caller;
import dev.sluice.delivery.Deliveries;
import dev.sluice.delivery.DeliveryEvents;
import dev.sluice.delivery.DeliverySettings;
import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Outcome;
import dev.sluice.delivery.Reply;
import dev.sluice.delivery.Sender;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StoppableDeliveryTest {
    private static final Outcome STOPPING = new Outcome.RateLimited("stopping", Duration.ofSeconds(1));
    private static final Reply OK = Reply.of(200, "{\"ok\":true,\"result\":true}".getBytes(UTF_8));

    private final CountDownLatch told429 = new CountDownLatch(1);
    private final Deliveries.Closeable pipeline = Deliveries.inMemory(DeliverySettings.DEFAULT, new DeliveryEvents() {
        @Override
        public void flooded(OutboundCall call, Duration retryAfter) {
            told429.countDown();
        }
    });
    private final StoppableDelivery delivery = new StoppableDelivery(pipeline);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger sent = new AtomicInteger();

    @AfterEach
    void close() {
        threads.shutdownNow();
        pipeline.close();
    }

    @Test
    void a_call_that_waits_again_after_a_429_is_withdrawn() throws Exception {
        Future<Outcome> outcome = deliver(dispatch -> {
            sent.incrementAndGet();
            return new Attempt.Answered(new Reply(
                    429, new byte[0], Optional.of(Duration.ofSeconds(60)), Optional.empty(), Optional.empty()));
        });
        told429.await();
        delivery.stop();
        assertThat(outcome.get()).isEqualTo(STOPPING);
        assertThat(sent).hasValue(1);
    }

    @Test
    void a_call_that_is_under_way_is_stopped_before_its_next_try() throws Exception {
        var trying = new CountDownLatch(1);
        var stopped = new CountDownLatch(1);
        Future<Outcome> outcome = deliver(dispatch -> {
            sent.incrementAndGet();
            trying.countDown();
            stopped.await();
            return new Attempt.NotReached("connect");
        });
        trying.await();
        delivery.stop();
        stopped.countDown();
        assertThat(outcome.get()).isEqualTo(STOPPING);
        assertThat(sent).hasValue(1);
    }

    @Test
    void a_call_that_is_under_way_gets_its_answer() throws Exception {
        var trying = new CountDownLatch(1);
        var stopped = new CountDownLatch(1);
        Future<Outcome> outcome = deliver(dispatch -> {
            trying.countDown();
            stopped.await();
            return new Attempt.Answered(OK);
        });
        trying.await();
        delivery.stop();
        stopped.countDown();
        assertThat(outcome.get()).isEqualTo(new Outcome.Sent(OK));
    }

    @Test
    void a_call_that_comes_later_is_not_sent() throws Exception {
        delivery.stop();
        Future<Outcome> outcome = deliver(dispatch -> {
            sent.incrementAndGet();
            return new Attempt.Answered(OK);
        });
        assertThat(outcome.get()).isEqualTo(STOPPING);
        assertThat(sent).hasValue(0);
    }

    private Future<Outcome> deliver(Sender sender) {
        var call = new OutboundCall(
                new BotId(12),
                new Method("sendMessage"),
                Optional.of(ChatId.of(1)),
                1,
                false,
                Fingerprint.of(new byte[0]),
                Optional.empty(),
                Duration.ofMinutes(30),
                Duration.ofMinutes(5),
                Priority.NORMAL,
                false);
        return threads.submit(() -> delivery.deliver(call, new Caller(), sender).outcome());
    }
}
