package dev.sluice.server.callback;

import dev.sluice.delivery.Pause;
import dev.sluice.encryption.Sealer;
import dev.sluice.queue.DueCallbacks;
import dev.sluice.queue.MessageDetails;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.OwedCallback;
import dev.sluice.queue.Telling;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells receivers what became of messages: looks once a round what is owed, and has a thread for each call. Any number of
 * processes may do so for one queue. Thread-safe.
 */
public final class CallbackLoop implements AutoCloseable {
    /** A connection and a thread each. */
    static final int AT_ONCE = 128;

    /** What one claim may take of one bot's, so that others' have their turn. */
    private static final int MOST_CLAIMED = 32;

    private static final int GONE = 410;

    /** A receiver that is busy with eight calls is asked again when these are over, at the latest. */
    private static final Duration BUSY = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(CallbackLoop.class);

    private final MessageQueue queue;
    private final Sealer sealer;
    private final CallbackSettings settings;
    private final CallbackBody bodies;
    private final CallbackCalls calls;
    private final CallbackEvents events;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final HostPlaces places = new HostPlaces();
    private final Semaphore room = new Semaphore(AT_ONCE);
    private final Map<BotId, Long> owed = new ConcurrentHashMap<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile long roundNanos = System.nanoTime();

    CallbackLoop(
            MessageQueue queue,
            Sealer sealer,
            CallbackSettings settings,
            CallbackBody bodies,
            CallbackCalls calls,
            CallbackEvents events,
            InstantSource clock,
            RandomGenerator random) {
        this.queue = queue;
        this.sealer = sealer;
        this.settings = settings;
        this.bodies = bodies;
        this.calls = calls;
        this.events = events;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Starts telling.
     *
     * @param sealer what URLs were encrypted with
     * @param results Telegram's answer to a message that was sent
     */
    public static CallbackLoop start(
            Vertx vertx,
            MessageQueue queue,
            Sealer sealer,
            Function<MessageDetails, Optional<byte[]>> results,
            CallbackSettings settings,
            CallbackEvents events,
            RandomGenerator random) {
        var calls = new CallbackCalls(vertx, settings.targets(), Resolver.SYSTEM, settings.timeout());
        var loop = new CallbackLoop(
                queue, sealer, settings, new CallbackBody(results), calls, events, InstantSource.system(), random);
        loop.begin();
        return loop;
    }

    void begin() {
        Thread.ofVirtual().name("callbacks").start(this::rounds);
    }

    /** How many are owed, as far as was heard in the last round. */
    public long owed() {
        return owed.values().stream().mapToLong(Long::longValue).sum();
    }

    /** How many receivers are being called. */
    public int calling() {
        return AT_ONCE - room.availablePermits();
    }

    /** How long ago it was last looked what is owed: the heartbeat. */
    public Duration sinceRound() {
        return Duration.ofNanos(System.nanoTime() - roundNanos);
    }

    /** Claims nothing more. */
    public void stop() {
        stopped.countDown();
    }

    /** Waits until no receiver is being called; false if one still is after {@code longest}. */
    public boolean awaitQuiet(Duration longest) throws InterruptedException {
        if (!room.tryAcquire(AT_ONCE, longest.toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        room.release(AT_ONCE);
        return true;
    }

    /** Stops, without waiting. What was being told is told again, by whoever is left. */
    @Override
    public void close() {
        stop();
        calls.close();
    }

    private void rounds() {
        try {
            do {
                try {
                    round();
                } catch (RedisUnavailableException e) {
                    log.debug("callbacks: the queue does not answer", e);
                } catch (RuntimeException e) {
                    log.error("callbacks: a round failed", e);
                }
                roundNanos = System.nanoTime();
            } while (!stopped.await(settings.round().toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Each bot in turn, until none has any more that are due. */
    private void round() throws InterruptedException {
        boolean more = true;
        while (more && stopped.getCount() > 0) {
            more = false;
            for (BotId bot : queue.bots()) {
                more |= tellOf(bot);
            }
        }
    }

    /** @return whether there may be more at once */
    private boolean tellOf(BotId bot) throws InterruptedException {
        int free = Math.min(MOST_CLAIMED, room.availablePermits());
        if (free == 0 || stopped.getCount() == 0) {
            return false; // the next round finds places again
        }
        DueCallbacks due = queue.callbacks().claim(bot, free, settings.lease());
        if (due.owed() == 0) {
            owed.remove(bot);
        } else {
            owed.put(bot, due.owed());
        }
        if (due.lapsed() > 0) {
            events.lapsed(due.lapsed());
            log.atWarn()
                    .addKeyValue("bot", bot)
                    .addKeyValue("callbacks", due.lapsed())
                    .log("callbacks were given up: nobody heard them for a day");
        }
        for (OwedCallback callback : due.callbacks()) {
            room.acquire();
            Thread.ofVirtual().name("callback").start(() -> {
                try {
                    settle(callback, telling(callback));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                    // Its lease ends by itself.
                    log.atError()
                            .addKeyValue("message", callback.id())
                            .setCause(e)
                            .log("a callback could not be told");
                } finally {
                    room.release();
                }
            });
        }
        return due.callbacks().size() + due.lapsed() >= free;
    }

    private Telling telling(OwedCallback callback) throws InterruptedException {
        Optional<CallbackUrl> url = CallbackUrl.open(sealer, callback.id().bot(), callback.target());
        if (url.isEmpty()) {
            return new Telling.Again("unreadable", pause(callback)); // a process that has the key may take it next
        }
        String host = url.get().host() + ":" + url.get().port();
        if (!places.take(host)) {
            return new Telling.NotTried("receiver-busy", jittered(BUSY));
        }
        try {
            byte[] body = bodies.of(callback, queue.find(callback.id()));
            long before = System.nanoTime();
            Telling telling = telling(callback, calls.post(url.get(), headers(callback, body), body));
            events.tried(outcome(telling), Duration.ofNanos(System.nanoTime() - before));
            return telling;
        } finally {
            places.leave(host);
        }
    }

    private Telling telling(OwedCallback callback, Heard heard) {
        return switch (heard) {
            case Heard.Status(int code) when code >= 200 && code < 300 -> new Telling.Told();
            case Heard.Status(int code) when code == GONE -> new Telling.GivenUp("gone");
            case Heard.Status(int code) -> new Telling.Again("http-" + code, pause(callback));
            case Heard.Nothing(String reason) -> new Telling.Again(reason, pause(callback));
        };
    }

    private Duration pause(OwedCallback callback) {
        return settings.again().delay(callback.tries(), random.nextDouble());
    }

    private Duration jittered(Duration pause) {
        return Duration.ofNanos((long) (pause.toNanos() * (0.5 + random.nextDouble() / 2)));
    }

    private static String outcome(Telling telling) {
        return switch (telling) {
            case Telling.Told told -> "told";
            case Telling.GivenUp givenUp -> "given-up";
            case Telling.Again again -> "again";
            case Telling.NotTried notTried -> "not-tried";
        };
    }

    private MultiMap headers(OwedCallback callback, byte[] body) {
        return HttpHeaders.headers()
                .add(HttpHeaders.CONTENT_TYPE, "application/json")
                .add(HttpHeaders.USER_AGENT, "Sluice")
                .add("X-Sluice-Event", CallbackBody.eventId(callback))
                .add(CallbackSignature.HEADER, CallbackSignature.of(settings.secret(), body, clock.instant()));
    }

    /** What cannot be written down is told again when the lease is over. */
    private void settle(OwedCallback callback, Telling telling) {
        for (int attempt = 1; attempt <= 3; attempt++) {
            try {
                queue.callbacks().settle(callback, telling);
                return;
            } catch (RedisUnavailableException e) {
                log.debug("callback of {}: the queue does not answer", callback.id(), e);
                if (!Pause.sleepUnlessInterrupted(Duration.ofMillis(200))) {
                    return;
                }
            }
        }
    }
}
