package dev.sluice.server.callback;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.encryption.KeyRing;
import dev.sluice.encryption.Sealer;
import dev.sluice.limit.Limit;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.CallbackStatus;
import dev.sluice.queue.CallbackStatus.Standing;
import dev.sluice.queue.Ending;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageId;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.QueueSettings;
import dev.sluice.queue.RetryPolicy;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What receivers hear: the real loop on the real queue in memory, calling real servers. */
class CallbackLoopTest {
    private static final BotId BOT = new BotId(1000);
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final String SECRET = "a-secret-of-many-characters";
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
    private static final Limit NONE = Limit.smooth(10_000, Duration.ofNanos(100_000));
    private static Vertx vertx;

    private final AtomicLong clock = new AtomicLong(NOW.getEpochSecond() * 1_000_000);
    private final Sealer keys = KeyRing.random();
    private final MessageQueue queue = MessageQueues.inMemory(
            clock::get,
            RateLimiters.inMemory(clock::get),
            bot -> new TelegramLimits(NONE, NONE, NONE, NONE, Optional.empty()),
            QueueSettings.DEFAULT,
            RandomGenerator.getDefault());
    private final Receiver receiver = new Receiver();
    private Optional<CallbackLoop> loop = Optional.empty();
    private long chat;

    @BeforeAll
    static void startEventLoops() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stopEventLoops() throws Exception {
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    @AfterEach
    void stop() {
        loop.ifPresent(CallbackLoop::close);
        receiver.close();
    }

    private void start(Set<String> targets, Resolver resolver, Duration timeout) {
        var allowed = AllowedTargets.of(targets);
        // Tries follow each other by the queue's clock, which the test moves.
        var settings = CallbackSettings.of(SECRET, allowed)
                .with(
                        timeout,
                        Duration.ofMillis(20),
                        new RetryPolicy(0, Duration.ofSeconds(5), Duration.ofHours(1), 0));
        var started = new CallbackLoop(
                queue,
                keys,
                settings,
                new CallbackBody(message -> Optional.of(message.content())),
                new CallbackCalls(vertx, allowed, resolver, timeout),
                CallbackEvents.NONE,
                InstantSource.fixed(NOW),
                RandomGenerator.getDefault());
        started.begin();
        loop = Optional.of(started);
    }

    private void start() {
        start(AllowedTargets.LOOPBACK, Resolver.SYSTEM, Duration.ofSeconds(20));
    }

    private MessageId ended(String url, Ending ending) {
        var target = CallbackUrl.parse(url).orElseThrow().sealed(keys, BOT);
        var message = NewMessage.to(ChatId.of(++chat), "text".getBytes(UTF_8)).toldTo(target);
        var id = ((Enqueued.Added) queue.enqueue(BOT, message)).id();
        Leased leased = queue.claim(BOT, 1).messages().getFirst();
        queue.settle(BOT, List.of(leased.ends(ending)));
        return id;
    }

    private MessageId sent(String path) {
        byte[] answer = "{\"ok\":true,\"result\":{\"message_id\":77}}".getBytes(UTF_8);
        return ended(receiver.url(path).toString(), new Ending.Sent(answer));
    }

    private CallbackStatus awaitStanding(MessageId id, Standing standing) {
        return await().atMost(BOUND)
                .until(() -> queue.callbacks().find(id).orElseThrow(), status -> status.standing() == standing);
    }

    private void awaitTries(MessageId id, int tries, String reason) {
        await().atMost(BOUND)
                .until(
                        () -> queue.callbacks().find(id).orElseThrow(),
                        status -> status.tries() == tries && status.reason().equals(Optional.of(reason)));
    }

    @Test
    void a_receiver_hears_what_became_of_a_message_and_can_check_who_says_so() {
        MessageId id = sent("/heard?key=1");
        start();

        awaitStanding(id, Standing.TOLD);
        Receiver.Call call = receiver.calls("/heard?key=1").getFirst();
        assertThat(call.header("Content-type")).isEqualTo("application/json");
        assertThat(call.header("X-sluice-event")).isEqualTo(id + ".1");
        assertThat(call.header("X-sluice-signature"))
                .isEqualTo(CallbackSignature.of(SECRET, call.body().getBytes(UTF_8), NOW));
        assertThat(call.json().path("event").asString()).isEqualTo(id + ".1");
        assertThat(call.json().path("id").asString()).isEqualTo(id.toString());
        assertThat(call.json().path("bot").asLong()).isEqualTo(1000);
        assertThat(call.json().path("state").asString()).isEqualTo("sent");
        assertThat(call.json().path("failure").isNull()).isTrue();
        assertThat(call.json().path("message_id").asInt()).isEqualTo(77);
        assertThat(call.json().at("/result/ok").asBoolean()).isTrue();
        assertThat(call.json().path("ended").asString()).isEqualTo(NOW.toString());
    }

    @Test
    void a_failure_is_told_with_its_class_and_reason_and_without_the_text() {
        MessageId id = ended(receiver.url("/failed").toString(), new Ending.Refused("refused-403"));
        start();

        awaitStanding(id, Standing.TOLD);
        Receiver.Call call = receiver.calls("/failed").getFirst();
        assertThat(call.json().path("state").asString()).isEqualTo("failed");
        assertThat(call.json().path("failure").asString()).isEqualTo("refused");
        assertThat(call.json().path("reason").asString()).isEqualTo("refused-403");
        assertThat(call.json().path("attempts").asInt()).isEqualTo(1);
        assertThat(call.json().path("result").isNull()).isTrue();
        assertThat(call.body()).doesNotContain("text");
    }

    @Test
    void a_receiver_that_fails_is_told_again_later_and_later() {
        receiver.answer("/broken", 500);
        MessageId id = sent("/broken");
        start();

        awaitTries(id, 1, "http-500");
        clock.addAndGet(5_000_000);
        awaitTries(id, 2, "http-500");
        clock.addAndGet(5_000_000);
        assertThat(queue.callbacks().find(id).orElseThrow().next()).contains(NOW.plusSeconds(15));
        receiver.answer("/broken", 204);
        clock.addAndGet(5_000_000);

        awaitStanding(id, Standing.TOLD);
        assertThat(receiver.calls("/broken"))
                .hasSize(3)
                .extracting(call -> call.header("X-sluice-event"))
                .containsOnly(id + ".1");
    }

    @Test
    void a_receiver_that_is_gone_is_not_called_again() {
        receiver.answer("/gone", 410);
        MessageId id = sent("/gone");
        start();

        assertThat(awaitStanding(id, Standing.GIVEN_UP).reason()).contains("gone");
        assertThat(receiver.calls("/gone")).hasSize(1);
    }

    @Test
    void a_redirect_is_not_followed() {
        receiver.answer("/moved", 307);
        MessageId id = sent("/moved");
        start();

        awaitTries(id, 1, "http-307");
        assertThat(receiver.calls("/elsewhere")).isEmpty();
    }

    @Test
    void a_receiver_that_says_nothing_is_given_up_in_time_and_told_again() {
        receiver.answer("/silent", Receiver.SILENT);
        MessageId id = sent("/silent");
        start(AllowedTargets.LOOPBACK, Resolver.SYSTEM, Duration.ofSeconds(2)); // long enough to be reached

        awaitTries(id, 1, "timeout");
    }

    @Test
    void one_receiver_that_is_slow_holds_up_no_other() {
        receiver.answer("/slow", Receiver.SILENT);
        var slow = new ArrayList<MessageId>();
        while (slow.size() <= CallbackLoop.AT_ONCE) {
            slow.add(sent("/slow"));
        }
        try (var other = new Receiver()) {
            MessageId id = ended(other.url("/quick").toString(), new Ending.Refused("refused-400"));
            start();

            awaitStanding(id, Standing.TOLD);
            await().atMost(BOUND).until(() -> receiver.calls("/slow").size() == HostPlaces.PER_HOST);
            await("what was put off was no try")
                    .atMost(BOUND)
                    .until(() -> slow.stream().filter(this::wasPutOff).count() == slow.size() - HostPlaces.PER_HOST);
        }
    }

    private boolean wasPutOff(MessageId id) {
        CallbackStatus status = queue.callbacks().find(id).orElseThrow();
        return status.tries() == 0 && status.reason().equals(Optional.of("receiver-busy"));
    }

    @Test
    void nobody_listens_there() {
        MessageId id = ended("http://127.0.0.1:1/", new Ending.Refused("refused-400"));
        start();

        awaitTries(id, 1, "not-reached");
    }

    @Test
    void a_name_that_leads_to_a_private_address_is_not_called_whatever_it_led_to_before() {
        MessageId id = ended(
                receiver.url("/rebound").toString().replace("127.0.0.1", "rebinding.example"),
                new Ending.Refused("refused-400"));
        var address = new AtomicLong();
        start(
                Set.of("127.0.0.2"),
                host -> List.of(InetAddress.getByAddress(
                        new byte[] {127, 0, 0, (byte) (address.incrementAndGet() == 1 ? 2 : 1)})),
                Duration.ofSeconds(5));

        awaitTries(id, 1, "not-reached"); // nothing listens at the address that is allowed
        clock.addAndGet(5_000_000);
        awaitTries(id, 2, "address-refused");
        assertThat(receiver.calls("/rebound")).isEmpty();
    }

    @Test
    void a_name_is_called_at_the_address_that_was_looked_at() {
        MessageId id = ended(
                receiver.url("/named").toString().replace("127.0.0.1", "receiver.example"),
                new Ending.Refused("refused-400"));
        var asked = new AtomicLong();
        start(
                Set.of("127.0.0.1"),
                host -> {
                    asked.incrementAndGet();
                    return List.of(InetAddress.getLoopbackAddress());
                },
                Duration.ofSeconds(20));

        awaitStanding(id, Standing.TOLD);
        assertThat(asked).hasValue(1);
        assertThat(receiver.calls("/named").getFirst().header("Host")).startsWith("receiver.example:");
    }

    @Test
    void a_name_with_one_private_address_is_not_called_at_its_public_ones() {
        MessageId id = ended("http://mixed.example/", new Ending.Refused("refused-400"));
        start(
                Set.of(),
                host -> List.of(InetAddress.getByName("192.0.2.1"), InetAddress.getByName("1.1.1.1")),
                Duration.ofSeconds(5));

        awaitTries(id, 1, "address-refused");
    }

    @Test
    void a_target_that_cannot_be_read_here_is_left_to_a_process_that_can() {
        var message = NewMessage.to(ChatId.of(1), new byte[1]).toldTo("sealed by a key that is gone".getBytes(UTF_8));
        var id = ((Enqueued.Added) queue.enqueue(BOT, message)).id();
        queue.cancel(id);
        start();

        awaitTries(id, 1, "unreadable");
        assertThat(queue.callbacks().find(id).orElseThrow().standing()).isEqualTo(Standing.OWED);
    }
}
