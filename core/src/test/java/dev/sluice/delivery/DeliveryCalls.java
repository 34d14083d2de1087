package dev.sluice.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.delivery.Attempt.Answered;
import dev.sluice.delivery.Attempt.Unanswered;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;

/** Calls, senders and settings that tests of the pipeline are made of. */
abstract class DeliveryCalls {
    private static final AtomicLong BOTS = new AtomicLong(1_000);

    /** Longer than a busy machine keeps a heartbeat from its turn. */
    static final Duration LEASE = Duration.ofSeconds(2);

    /** How long a call waits that is to be sent: longer than whatever a busy machine holds up. */
    static final Duration PATIENT = Duration.ofSeconds(20);

    /** Longer than any test: what is to stay true for its length does. */
    static final Duration MINUTE = Duration.ofMinutes(1);

    static final Duration CHAT_WINDOW = Duration.ofMillis(300);

    /** Windows short enough for a test, long enough that a slow machine does not slip through one. */
    static final TelegramLimits LIMITS = new TelegramLimits(
            Limit.atMost(30, Duration.ofSeconds(1)),
            Limit.atMost(1000, Duration.ofSeconds(1)),
            Limit.atMost(1, CHAT_WINDOW),
            Limit.atMost(4, Duration.ofSeconds(2)),
            Optional.empty());

    final BotId bot = new BotId(BOTS.incrementAndGet());
    final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    DeliverySettings settings() {
        return DeliverySettings.DEFAULT
                .withLimits(LIMITS)
                .withLease(LEASE)
                .withAmbiguousWindow(MINUTE)
                .withRetries(3, new Backoff(Duration.ofMillis(5), Duration.ofMillis(20)));
    }

    /** With a chat's window that is not over before all that a test does within it. */
    DeliverySettings withChatWindow(Duration window) {
        return settings()
                .withLimits(new TelegramLimits(
                        LIMITS.bot(), LIMITS.paid(), Limit.atMost(1, window), LIMITS.group(), LIMITS.user()));
    }

    Outcome deliver(Delivery delivery, OutboundCall call, Sender sender) throws InterruptedException {
        Delivery.Delivered delivered = delivery.deliver(call, new Caller(), sender);
        delivered.receipt().answered();
        return delivered.outcome();
    }

    OutboundCall call(long chat, String text) {
        return new OutboundCall(
                bot,
                new Method("sendMessage"),
                Optional.of(ChatId.of(chat)),
                1,
                false,
                Fingerprint.of((chat + text).getBytes(UTF_8)),
                Optional.empty(),
                MINUTE,
                PATIENT,
                Priority.NORMAL,
                false);
    }

    OutboundCall keyed(OutboundCall c, String key) {
        var id = new IdempotencyKey(
                bot.toString(), Fingerprint.of(key.getBytes(UTF_8)).hex());
        return new OutboundCall(
                c.bot(),
                c.method(),
                c.chat(),
                c.cost(),
                c.paid(),
                c.fingerprint(),
                Optional.of(id),
                c.keep(),
                c.maxWait(),
                c.priority(),
                c.skipLimits());
    }

    static OutboundCall waiting(OutboundCall c, Duration maxWait) {
        return new OutboundCall(
                c.bot(),
                c.method(),
                c.chat(),
                c.cost(),
                c.paid(),
                c.fingerprint(),
                c.key(),
                c.keep(),
                maxWait,
                c.priority(),
                c.skipLimits());
    }

    static OutboundCall method(OutboundCall c, String method) {
        return new OutboundCall(
                c.bot(),
                new Method(method),
                c.chat(),
                c.cost(),
                c.paid(),
                c.fingerprint(),
                c.key(),
                c.keep(),
                c.maxWait(),
                c.priority(),
                c.skipLimits());
    }

    static OutboundCall priority(OutboundCall c, Priority priority) {
        return new OutboundCall(
                c.bot(),
                c.method(),
                c.chat(),
                c.cost(),
                c.paid(),
                c.fingerprint(),
                c.key(),
                c.keep(),
                c.maxWait(),
                priority,
                c.skipLimits());
    }

    static OutboundCall skipping(OutboundCall c) {
        return new OutboundCall(
                c.bot(),
                c.method(),
                c.chat(),
                c.cost(),
                c.paid(),
                c.fingerprint(),
                c.key(),
                c.keep(),
                c.maxWait(),
                c.priority(),
                true);
    }

    static Reply ok(int messageId) {
        return Reply.of(200, ("{\"ok\":true,\"result\":{\"message_id\":" + messageId + "}}").getBytes(UTF_8));
    }

    static Reply flood(Duration retryAfter) {
        return new Reply(429, new byte[0], Optional.of(retryAfter), Optional.empty(), Optional.empty());
    }

    static Sender answers(Reply reply) {
        return dispatch -> new Answered(reply);
    }

    static Sender counting(AtomicInteger sent) {
        return dispatch -> new Answered(ok(sent.incrementAndGet()));
    }

    static Sender unanswered(AtomicInteger sent) {
        return dispatch -> {
            sent.incrementAndGet();
            return new Unanswered("reset");
        };
    }

    static Sender recording(List<String> order, String name) {
        return dispatch -> {
            order.add(name);
            return new Answered(ok(order.size()));
        };
    }

    private static Pipeline pipeline(Delivery delivery) {
        return delivery instanceof RegionalDelivery regional ? regional.here() : (Pipeline) delivery;
    }

    static void awaitWaiting(Delivery delivery, int calls) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> pipeline(delivery).room.size() >= calls);
    }
}
