package dev.sluice.simulator;

import io.vertx.core.AsyncResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Delivery of a bot's updates to its webhook, as Telegram does it.
 *
 * <p>Every chat (or user) is a lane: one update under way, in order. A failed one is tried again at once, then after a wait that
 * doubles; its lane waits with it, the others go on. At most {@code max_connections} are under way together. Its bot's lock
 * guards it; what comes back takes that lock.
 */
final class Webhook {
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);

    /** What getWebhookInfo tells of it. */
    record Target(String url, @Nullable String secret, int maxConnections) {}

    /** The last delivery that failed. */
    record LastError(long wallSeconds, String message) {}

    private static final class Lane {
        final long key;
        final Deque<Update> waiting = new ArrayDeque<>();
        int failures;

        Lane(long key) {
            this.key = key;
        }
    }

    private final Target target;
    private final Bot bot;
    private final WebhookPoster poster;
    private final SimulatorClock clock;
    private final SimulatorSettings.Updates settings;
    private final Map<Long, Lane> lanes = new HashMap<>();
    private final Deque<Lane> ready = new ArrayDeque<>();
    private int underWay;
    private boolean closed;
    private @Nullable LastError lastError;

    Webhook(Target target, Bot bot, WebhookPoster poster, SimulatorClock clock, SimulatorSettings.Updates settings) {
        this.target = target;
        this.bot = bot;
        this.poster = poster;
        this.clock = clock;
        this.settings = settings;
    }

    Target target() {
        return target;
    }

    @Nullable LastError lastError() {
        return lastError;
    }

    void offer(Update update) {
        Lane lane = lanes.get(update.lane());
        if (lane == null) {
            lane = new Lane(update.lane());
            lanes.put(lane.key, lane);
            ready.add(lane);
        }
        lane.waiting.add(update);
        deliverReady();
    }

    void close() {
        closed = true;
        lanes.clear();
        ready.clear();
    }

    private void deliverReady() {
        while (!closed && underWay < target.maxConnections() && !ready.isEmpty()) {
            Lane lane = ready.remove();
            while (!lane.waiting.isEmpty() && !bot.updates().awaits(lane.waiting.element())) {
                lane.waiting.remove();
                lane.failures = 0;
            }
            if (lane.waiting.isEmpty()) {
                lanes.remove(lane.key);
                continue;
            }
            Update update = lane.waiting.element();
            underWay++;
            poster.post(target, update.json()).onComplete(outcome -> settle(lane, update, outcome));
        }
    }

    private void settle(Lane lane, Update update, AsyncResult<WebhookPoster.Response> outcome) {
        boolean delivered = outcome.succeeded() && outcome.result().isSuccess();
        synchronized (bot) {
            underWay--;
            if (delivered) {
                bot.updates().delivered(update);
            }
            if (closed) {
                return;
            }
            if (delivered) {
                lane.failures = 0;
                ready.add(lane); // its head is no longer awaited and goes when its turn comes
            } else {
                lastError = new LastError(clock.wallSeconds(), WebhookPoster.describe(outcome));
                retryLater(lane, outcome);
            }
            deliverReady();
        }
        if (delivered) {
            outcome.result().reply().ifPresent(call -> poster.execute(bot, call));
        }
    }

    private void retryLater(Lane lane, AsyncResult<WebhookPoster.Response> outcome) {
        Duration asked = outcome.succeeded() ? outcome.result().retryAfter() : Duration.ZERO;
        Duration wait = asked.isZero() ? backoff(lane.failures) : shorter(asked, LONGEST_RETRY_AFTER);
        lane.failures++;
        poster.later(wait, () -> {
            synchronized (bot) {
                if (!closed) {
                    ready.add(lane);
                    deliverReady();
                }
            }
        });
    }

    private Duration backoff(int failuresBefore) {
        if (failuresBefore == 0) {
            return Duration.ZERO;
        }
        int doublings = Math.min(failuresBefore - 1, 16);
        return shorter(settings.webhookFirstRetry().multipliedBy(1L << doublings), settings.webhookLongestRetry());
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
