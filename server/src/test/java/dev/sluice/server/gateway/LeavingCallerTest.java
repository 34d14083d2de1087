package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.delivery.Dispatch;
import dev.sluice.delivery.Outcome;
import dev.sluice.server.gateway.FakeDelivery.Signed;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeavingCallerTest {
    private static final String SEND =
            GatewayFixture.rawPost(GatewayFixture.path("sendMessage"), "application/json", "{\"chat_id\":1}");

    private final FakeDelivery delivery = new FakeDelivery();
    private final CountDownLatch waiting = new CountDownLatch(1);
    private final CountDownLatch left = new CountDownLatch(1);
    private final AtomicInteger leavers = new AtomicInteger();
    private final RawUpstream upstream;
    private final GatewayFixture gateway;

    LeavingCallerTest() throws IOException {
        upstream = new RawUpstream();
        gateway = new GatewayFixture(upstream.url(), delivery, s -> s, s -> s, new GatewayEvents() {
            @Override
            public void callerLeft(Traffic traffic) {
                leavers.incrementAndGet();
            }
        });
        gateway.tokens.trust(Accounts.BOT);
    }

    @AfterEach
    void close() throws IOException {
        gateway.close();
        upstream.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_caller_that_closes_while_waiting_is_noticed_and_nothing_is_sent(boolean politely) throws Exception {
        waitUntilTheCallerLeaves();
        Socket socket = gateway.connect();
        GatewayFixture.write(socket, SEND);
        assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();

        if (!politely) {
            socket.setSoLinger(true, 0);
        }
        socket.close();

        assertThat(left.await(10, TimeUnit.SECONDS)).isTrue();
        await().until(() -> gateway.gateway.inFlight() == 0);
        assertThat(delivery.receipts).containsExactly(Signed.LOST);
        assertThat(upstream.requests()).isEmpty();
        assertThat(leavers).hasValue(1);
    }

    @Test
    void a_close_is_noticed_within_100_ms_on_the_median() throws Exception {
        var noticed = new long[9];
        for (int i = 0; i < noticed.length; i++) {
            var arrived = new CountDownLatch(1);
            var gone = new CountDownLatch(1);
            delivery.script = (call, caller, sender) -> {
                caller.onLeave(gone::countDown);
                arrived.countDown();
                gone.await(10, TimeUnit.SECONDS);
                return new Outcome.Withdrawn();
            };
            Socket socket = gateway.connect();
            GatewayFixture.write(socket, SEND);
            assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
            long closed = System.nanoTime();
            socket.close();
            assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
            noticed[i] = System.nanoTime() - closed;
        }
        java.util.Arrays.sort(noticed);
        assertThat(Duration.ofNanos(noticed[noticed.length / 2])).isLessThan(Duration.ofMillis(100));
    }

    @Test
    void a_caller_that_leaves_after_the_dispatch_loses_its_answer_and_the_call_is_made() throws Exception {
        var dispatched = new CountDownLatch(1);
        var proceed = new CountDownLatch(1);
        upstream.onCalls((request, wire) -> {
            dispatched.countDown();
            awaitQuietly(proceed);
            wire.answer(200, RawUpstream.OK);
        });
        Socket socket = gateway.connect();
        GatewayFixture.write(socket, SEND);
        assertThat(dispatched.await(10, TimeUnit.SECONDS)).isTrue();
        socket.close();
        await().until(() -> leavers.get() == 1);
        proceed.countDown();

        await().untilAsserted(() -> assertThat(delivery.receipts).containsExactly(Signed.LOST));
        assertThat(upstream.requests("sendMessage")).hasSize(1);
        await().until(() -> gateway.gateway.inFlight() == 0);
    }

    @Test
    void a_caller_that_leaves_amid_its_body_never_reaches_the_pipeline() throws Exception {
        Socket socket = gateway.connect();
        GatewayFixture.write(
                socket,
                "POST " + GatewayFixture.path("sendDocument")
                        + " HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n"
                        + Multipart.of("b").file("document", 500_000).unfinished());
        await().until(() -> gateway.gateway.spooledBytes() > 400_000);
        socket.close();

        await().until(() -> gateway.gateway.inFlight() == 0 && gateway.gateway.spooledBytes() == 0);
        assertThat(delivery.calls).isEmpty();
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void a_caller_that_leaves_while_its_token_is_checked_never_reaches_the_pipeline() throws Exception {
        var asked = new CountDownLatch(1);
        var proceed = new CountDownLatch(1);
        upstream.onAll((request, wire) -> {
            asked.countDown();
            awaitQuietly(proceed);
            wire.answer(200, "{\"ok\":true,\"result\":{}}");
        });
        Socket socket = gateway.connect();
        GatewayFixture.write(socket, SEND.replace("1000:AAE", "1001:AAE"));
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        socket.close();
        await().until(() -> leavers.get() == 1);
        proceed.countDown();

        await().until(() -> gateway.gateway.inFlight() == 0);
        assertThat(delivery.calls).isEmpty();
    }

    @Test
    void of_two_pipelined_calls_neither_is_sent_when_the_caller_leaves_before_the_first_was_decided() throws Exception {
        var arrived = new CountDownLatch(1);
        var proceed = new CountDownLatch(1);
        delivery.script = (call, caller, sender) -> {
            arrived.countDown();
            awaitQuietly(proceed);
            return caller.hasLeft() ? new Outcome.Withdrawn() : new Outcome.RateLimited("chat", Duration.ofSeconds(1));
        };
        Socket socket = gateway.connect();
        GatewayFixture.write(socket, SEND + SEND);
        assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
        socket.setSoLinger(true, 0);
        socket.close();
        proceed.countDown();

        await().until(() -> gateway.gateway.inFlight() == 0);
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void a_caller_that_leaves_a_long_poll_cancels_it_upstream() throws Exception {
        var closed = new CountDownLatch(1);
        var asked = new CountDownLatch(1);
        upstream.onCalls((request, wire) -> {
            asked.countDown();
            wire.awaitClose();
            closed.countDown();
        });
        Socket socket = gateway.connect();
        GatewayFixture.write(
                socket, "GET " + GatewayFixture.path("getUpdates") + "?timeout=50 HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        socket.close();

        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        await().until(() -> gateway.gateway.inFlight() == 0);
    }

    private void waitUntilTheCallerLeaves() {
        delivery.script = (call, caller, sender) -> {
            caller.onLeave(left::countDown);
            waiting.countDown();
            return left.await(10, TimeUnit.SECONDS)
                    ? new Outcome.Withdrawn()
                    : FakeDelivery.outcome(sender.send(Dispatch.unwatched()));
        };
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
