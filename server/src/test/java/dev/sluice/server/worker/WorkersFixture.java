package dev.sluice.server.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.Reply;
import dev.sluice.encryption.KeyRing;
import dev.sluice.encryption.Sealer;
import dev.sluice.limit.Limit;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageDetails;
import dev.sluice.queue.MessageId;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.MessageState;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.QueueSettings;
import dev.sluice.queue.RetryPolicy;
import dev.sluice.server.gateway.StoredCall;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;

/** Workers on the real queue in memory, with a Telegram that does what a test says. */
abstract class WorkersFixture {
    static final BotId BOT = new BotId(1000);
    static final BotToken TOKEN =
            BotToken.parse("1000:AAE-secret_secret_secret_secret_1000").orElseThrow();
    static final Duration BOUND = Duration.ofSeconds(20);
    static final RetryPolicy QUICK = new RetryPolicy(2, Duration.ofMillis(10), Duration.ofMillis(20), 0.1);
    /** Longer than a busy machine may hold up a test. */
    static final Duration LEASE = Duration.ofSeconds(10);

    static final Limit WIDE = Limit.atMost(10_000, Duration.ofSeconds(1));

    final Sealer keys = KeyRing.random();
    MessageQueue queue = queue(WorkersFixture::micros, LEASE);
    final List<StoredCall> sent = new CopyOnWriteArrayList<>();
    final List<Duration> told = new CopyOnWriteArrayList<>();
    Optional<Workers> running = Optional.empty();

    static MessageQueue queue(LongSupplier micros, Duration lease) {
        return MessageQueues.inMemory(
                micros,
                RateLimiters.inMemory(micros),
                bot -> new TelegramLimits(WIDE, WIDE, WIDE, WIDE, Optional.empty()),
                QueueSettings.DEFAULT.withLease(lease).withRetry(QUICK),
                new Random(1));
    }

    static long micros() {
        return 1_700_000_000_000_000L + System.nanoTime() / 1_000;
    }

    final Set<BotId> joins = ConcurrentHashMap.newKeySet();

    @AfterEach
    void stop() throws InterruptedException {
        if (running.isPresent()) {
            running.get().close();
            assertThat(running.get().awaitQuiet(BOUND)).isTrue();
        }
    }

    void late(BotId bot, Leased message, Optional<ChatId> chat, Duration late) {
        assertThat(chat).isPresent();
        told.add(late);
    }

    void start(Upstream upstream) {
        start(upstream, WorkerSettings.of(LEASE));
    }

    void start(Upstream upstream, WorkerSettings settings) {
        start(queue, upstream, settings);
    }

    void start(MessageQueue store, Upstream upstream, WorkerSettings settings) {
        var quick =
                new WorkerSettings(settings.perBot(), settings.inAll(), settings.lease(), Duration.ofMillis(50), QUICK);
        running = Optional.of(Workers.start(
                store,
                upstream,
                keys,
                bot -> Optional.of(TOKEN),
                quick,
                this::late,
                joins::contains,
                WorkerEvents.NONE));
    }

    /** The queue, on which one thing does something else first. */
    MessageQueue queueThat(String does, Runnable first) {
        return (MessageQueue) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {MessageQueue.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals(does)) {
                        first.run();
                    }
                    return method.invoke(queue, arguments);
                });
    }

    MessageId enqueue(String method, long chat) {
        return enqueue(BOT, method, chat);
    }

    MessageId enqueue(BotId bot, String method, long chat) {
        var call = new StoredCall(
                new Method(method),
                false,
                "",
                Optional.of("application/json"),
                Optional.of(ChatId.of(chat)),
                Optional.empty(),
                "{}".getBytes(UTF_8));
        var message = NewMessage.to(ChatId.of(chat), call.sealed(keys, bot));
        var queued =
                (Enqueued.Added) queue.enqueue(bot, call.method().isRepeatable() ? message.atLeastOnce() : message);
        running.ifPresent(workers -> workers.noticed(bot));
        return queued.id();
    }

    MessageDetails awaits(MessageId id, MessageState state) {
        return await().atMost(BOUND).until(() -> queue.find(id).orElseThrow(), details -> details.state() == state);
    }

    static Attempt answered(int status, String body) {
        return new Attempt.Answered(Reply.of(status, body.getBytes(UTF_8)));
    }
}
