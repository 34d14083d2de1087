package dev.sluice.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.delivery.Deliveries;
import dev.sluice.delivery.DeliveryEvents;
import dev.sluice.delivery.DeliverySettings;
import dev.sluice.encryption.KeyRing;
import dev.sluice.encryption.Sealer;
import dev.sluice.limit.Limit;
import dev.sluice.limit.LocalRateLimiter;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.Change;
import dev.sluice.queue.Ending;
import dev.sluice.queue.Leased;
import dev.sluice.queue.LocalMessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.QueueSettings;
import dev.sluice.queue.UnknownMessages.Resolution;
import dev.sluice.simulator.FaultEffect;
import dev.sluice.simulator.FaultRule;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import dev.sluice.telegram.BotId;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What callers see of one key that is used for a call that waits and for one that is queued; the test is the worker. */
class OneKeyTest {
    private static final BotId BOT = new BotId(1000);
    private static final String TEXT = "{\"chat_id\":42,\"text\":\"hi\"}";
    private static final String OTHER = "{\"chat_id\":42,\"text\":\"ho\"}";
    private static final String RESULT = "{\"ok\":true,\"result\":{\"message_id\":77}}";
    private static final String[] QUEUED = {"Prefer", "respond-async"};
    private static final String[] QUEUED_AFTER_1_S = {"Prefer", "respond-async, wait=1"};
    private static final String[] AT_ONCE = {"X-Sluice-Max-Wait", "0"};
    private static final String[] PATIENT = {"X-Sluice-Max-Wait", "8"};
    private static final LongSupplier MICROS = () -> System.nanoTime() / 1_000;
    private static final Limit NONE = Limit.atMost(10_000, Duration.ofMillis(1));
    private static final TelegramLimits NO_LIMITS = new TelegramLimits(NONE, NONE, NONE, NONE, Optional.empty());

    private final LocalRateLimiter limiter = RateLimiters.inMemory(MICROS);
    private final LocalMessageQueue queue =
            MessageQueues.inMemory(MICROS, limiter, bot -> NO_LIMITS, QueueSettings.DEFAULT, new Random(1));
    private final Deliveries.Closeable delivery =
            Deliveries.inMemory(DeliverySettings.DEFAULT.withLimits(NO_LIMITS), DeliveryEvents.NONE, limiter, queue);
    private final Sealer keys = KeyRing.random();
    private Simulator telegram;
    private String path;
    private GatewayFixture gateway;

    @BeforeEach
    void start() throws Exception {
        telegram = Simulator.start(SimulatorSettings.defaults().withAnyToken(false));
        path = "/bot" + telegram.addBot(1000, "Shop").token() + "/sendMessage";
        gateway = new GatewayFixture(
                telegram.url(),
                delivery,
                Optional.of(new CallQueue(queue, keys, bot -> Optional.empty(), false, bot -> {})),
                settings -> settings,
                settings -> settings,
                GatewayEvents.NONE);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        delivery.close();
        telegram.close();
    }

    private HttpResponse<String> send(String body, String... headers) throws Exception {
        String[] keyed = Stream.concat(Stream.of("Idempotency-Key", "order-17"), Stream.of(headers))
                .toArray(String[]::new);
        return gateway.post(path, "application/json", body, keyed);
    }

    private Leased leased() {
        return queue.claim(BOT, 1).messages().getFirst();
    }

    private void ends(Ending ending) {
        queue.settle(BOT, List.of(leased().ends(ending)));
    }

    private Ending sent() {
        return new Ending.Sent(StoredCall.sealedResult(keys, BOT, RESULT.getBytes(StandardCharsets.UTF_8)));
    }

    private static void isDuplicate(HttpResponse<String> answer, HttpResponse<String> first) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        assertThat(AsyncCallFixture.id(answer)).isEqualTo(AsyncCallFixture.id(first));
        assertThat(answer.body()).contains("\"outcome\":\"duplicate\"");
        isReplay(answer);
    }

    private static void isReplay(HttpResponse<String> answer) {
        assertThat(answer.headers().firstValue("Idempotent-Replay")).contains("true");
    }

    private void nothingWasSent() {
        assertThat(telegram.ledger().received(1000)).isEmpty();
    }

    @Test
    void a_call_that_waits_is_429_with_the_messages_id_while_that_is_still_to_be_sent() throws Exception {
        var first = send(TEXT, QUEUED);

        var waits = send(TEXT, AT_ONCE);
        assertThat(waits.statusCode()).as(waits.body()).isEqualTo(429);
        assertThat(waits.body()).contains("\"scope\":\"twin\"", "\"retry_after\":1", "\"outcome\":\"not_sent\"");
        assertThat(AsyncCallFixture.id(waits)).isEqualTo(AsyncCallFixture.id(first));
        assertThat(send(OTHER, AT_ONCE).statusCode()).isEqualTo(422);
        isDuplicate(send(TEXT, QUEUED), first);
        isDuplicate(send(TEXT, QUEUED_AFTER_1_S), first);
        assertThat(send(OTHER, QUEUED_AFTER_1_S).statusCode()).isEqualTo(422);
        nothingWasSent();
        assertThat(queue.statistics(BOT).accepted()).isEqualTo(1);
    }

    @Test
    void a_call_that_waits_long_enough_gets_telegrams_answer_to_the_message() throws Exception {
        send(TEXT, QUEUED);
        var waiting = CompletableFuture.supplyAsync(() -> {
            try {
                return send(TEXT, PATIENT);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        ends(sent());

        for (var answer :
                List.of(waiting.get(20, TimeUnit.SECONDS), send(TEXT, AT_ONCE), send(TEXT, QUEUED_AFTER_1_S))) {
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(RESULT);
            isReplay(answer);
        }
        nothingWasSent();
    }

    @Test
    void a_message_whose_answer_is_not_there_is_told_as_accepted() throws Exception {
        var first = send(TEXT, QUEUED);
        ends(new Ending.Sent(new byte[0]));

        isDuplicate(send(TEXT, AT_ONCE), first);
    }

    @Test
    void how_the_message_failed_is_told_and_nothing_is_sent() throws Exception {
        var first = send(TEXT, QUEUED);
        ends(new Ending.Refused("refused-403"));
        var refused = send(TEXT, AT_ONCE);
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
        assertThat(refused.body()).contains("\"outcome\":\"failed\"");
        assertThat(AsyncCallFixture.id(refused)).isEqualTo(AsyncCallFixture.id(first));
        isReplay(refused);

        queue.deadLetters().requeue(AsyncCallFixture.id(first));
        ends(new Ending.Suppressed("blocked"));
        var suppressed = send(TEXT, AT_ONCE);
        assertThat(suppressed.statusCode()).as(suppressed.body()).isEqualTo(409);
        assertThat(suppressed.body()).contains("suppressed");
        nothingWasSent();
    }

    @Test
    void a_message_that_nobody_knows_of_is_504_to_its_twins_until_somebody_does() throws Exception {
        var first = send(TEXT, QUEUED);
        ends(new Ending.Unanswered("no-answer"));

        var unknown = send(TEXT, AT_ONCE);
        assertThat(unknown.statusCode()).as(unknown.body()).isEqualTo(504);
        assertThat(AsyncCallFixture.id(unknown)).isEqualTo(AsyncCallFixture.id(first));
        queue.unknowns().resolve(AsyncCallFixture.id(first), Resolution.SENT);
        isDuplicate(send(TEXT, AT_ONCE), first);
        nothingWasSent();
    }

    @Test
    void the_key_of_a_message_that_was_taken_back_is_free() throws Exception {
        var first = send(TEXT, QUEUED);
        assertThat(queue.cancel(AsyncCallFixture.id(first))).isEqualTo(Change.DONE);

        assertThat(send(OTHER, AT_ONCE).statusCode()).isEqualTo(200);
        assertThat(telegram.ledger().received(1000)).hasSize(1);
    }

    @Test
    void a_call_to_be_queued_gets_the_answer_of_the_call_that_has_its_key() throws Exception {
        var first = send(TEXT, PATIENT);
        assertThat(first.statusCode()).as(first.body()).isEqualTo(200);

        for (String[] way : List.of(QUEUED, QUEUED_AFTER_1_S)) {
            var answer = send(TEXT, way);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(first.body());
            isReplay(answer);
            assertThat(send(OTHER, way).statusCode()).isEqualTo(422);
        }
        assertThat(telegram.ledger().received(1000)).hasSize(1);
        assertThat(queue.statistics(BOT).accepted()).isZero();
    }

    @Test
    void a_call_to_be_queued_whose_twin_is_in_flight_is_429_and_not_queued() throws Exception {
        telegram.faults()
                .add(FaultRule.of(new FaultEffect.SlowAnswer(Duration.ofSeconds(5)))
                        .times(1)
                        .onMethod("sendMessage"));
        var first = CompletableFuture.supplyAsync(() -> {
            try {
                return send(TEXT, PATIENT);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> !telegram.ledger().received(1000).isEmpty());

        var queued = send(TEXT, QUEUED);

        assertThat(queued.statusCode()).as(queued.body()).isEqualTo(429);
        assertThat(queued.body()).contains("\"scope\":\"twin\"");
        assertThat(first.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(queue.statistics(BOT).accepted()).isZero();
        assertThat(telegram.ledger().received(1000)).hasSize(1);
    }
}
