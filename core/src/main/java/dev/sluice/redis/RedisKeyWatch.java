package dev.sluice.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.SetArgs;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.push.PushMessage;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Client-side caching's link to one Redis: a connection of its own on which {@code CLIENT TRACKING ... BCAST} pushes the names of keys
 * that change (RESP3), and a channel is heard.
 *
 * <p>Whether tracking works is tried out, on each new connection: a key is written and its push awaited. Many hosted Redis and all
 * proxies that speak RESP2 accept the command, or forbid it, and push nothing. In a Cluster each node would have to be tracked, so
 * there only the channel is heard, which nodes pass on to each other.
 *
 * <p>A connection is never taken up again by Lettuce: what it missed meanwhile nobody could tell. A new one is made, and the watcher
 * told. Redis is asked for a sign of life twice a second, because a dead peer sends neither pushes nor resets.
 */
final class RedisKeyWatch implements KeyWatch.Watch {
    private static final Logger log = LoggerFactory.getLogger(RedisKeyWatch.class);

    private static final Duration BETWEEN_PINGS = Duration.ofMillis(500);
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration PROBE_LIFE = Duration.ofSeconds(10);
    private static final long FIRST_RETRY_MILLIS = 50;
    private static final long LAST_RETRY_MILLIS = 5_000;
    private static final String INVALIDATION = "invalidate";

    private final List<String> prefixes;
    private final String channel;
    private final KeyWatch.Watcher watcher;
    private final boolean cluster;
    private final Supplier<CompletableFuture<StatefulRedisPubSubConnection<String, String>>> connecting;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /** @param connecting starts one attempt to open a connection */
    RedisKeyWatch(
            List<String> prefixes,
            String channel,
            KeyWatch.Watcher watcher,
            boolean cluster,
            Supplier<CompletableFuture<StatefulRedisPubSubConnection<String, String>>> connecting) {
        this.prefixes = List.copyOf(prefixes);
        this.channel = channel;
        this.watcher = watcher;
        this.cluster = cluster;
        this.connecting = connecting;
        this.thread = Thread.ofVirtual().name("redis-key-watch").start(this::run);
    }

    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
    }

    private void run() {
        long pause = FIRST_RETRY_MILLIS;
        boolean said = false;
        try {
            while (closed.getCount() > 0) {
                String problem = attachOnce();
                if (problem.isEmpty()) {
                    pause = FIRST_RETRY_MILLIS;
                    said = false;
                } else if (!said) {
                    log.info("changes of keys are not heard yet, so copies of them are not relied on: {}", problem);
                    said = true;
                }
                if (closed.await(ThreadLocalRandom.current().nextLong(pause / 2, pause + 1), TimeUnit.MILLISECONDS)) {
                    return;
                }
                pause = problem.isEmpty() ? pause : Math.min(2 * pause, LAST_RETRY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Watches for as long as one connection lasts. Says what kept it from that; empty if nothing did. */
    private String attachOnce() throws InterruptedException {
        CompletableFuture<StatefulRedisPubSubConnection<String, String>> opening = new CompletableFuture<>();
        try {
            opening = connecting.get();
            var connection = opening.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            var ears = new Ears();
            connection.addListener(ears.losses());
            connection.addListener(ears);
            connection.addListener(ears::pushed);
            boolean tracked = !cluster && tracks(connection, ears);
            within(PATIENCE, connection.async().subscribe(channel));
            watcher.attached(tracked);
            try {
                awaitLoss(connection, ears);
            } finally {
                if (closed.getCount() > 0) {
                    watcher.detached();
                }
            }
            return "";
        } catch (TimeoutException e) {
            return "Redis does not answer";
        } catch (ExecutionException e) {
            return word(e.getCause() == null ? e : e.getCause());
        } catch (RuntimeException e) {
            // Whatever it is, it must be tried again: without this link copies are not relied on.
            return word(e);
        } finally {
            opening.thenAccept(StatefulRedisPubSubConnection::closeAsync);
        }
    }

    /** Whether what is written is pushed here. */
    private boolean tracks(StatefulRedisPubSubConnection<String, String> connection, Ears ears)
            throws InterruptedException, TimeoutException, ExecutionException {
        var probe = new Probe(prefixes.getFirst() + "{probe}:" + UUID.randomUUID(), new CompletableFuture<>());
        ears.probe = probe;
        try {
            var tracking = TrackingArgs.Builder.enabled().bcast().prefixes(prefixes.toArray(String[]::new));
            within(PATIENCE, connection.async().clientTracking(tracking));
            within(PATIENCE, connection.async().set(probe.key, "", SetArgs.Builder.px(PROBE_LIFE)));
            probe.pushed.get(LONGEST_SILENCE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            // It answers, and pushes nothing.
            within(PATIENCE, connection.async().ping());
            return false;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RedisCommandExecutionException) {
                return false;
            }
            throw e;
        } finally {
            ears.probe = null;
        }
    }

    private void awaitLoss(StatefulRedisPubSubConnection<String, String> connection, Ears ears)
            throws InterruptedException, ExecutionException {
        while (closed.getCount() > 0 && !ears.lost.await(BETWEEN_PINGS.toMillis(), TimeUnit.MILLISECONDS)) {
            try {
                within(LONGEST_SILENCE, connection.async().ping());
            } catch (TimeoutException | ExecutionException | RuntimeException e) {
                return;
            }
        }
    }

    private static void within(Duration patience, Future<?> reply)
            throws InterruptedException, TimeoutException, ExecutionException {
        reply.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What went wrong, such as RedisConnection: messages may hold addresses. */
    private static String word(Throwable problem) {
        return problem.getClass().getSimpleName().replaceFirst("Exception$", "");
    }

    private record Probe(String key, CompletableFuture<Void> pushed) {}

    /** What one connection hears. */
    private final class Ears extends RedisPubSubAdapter<String, String> {
        final CountDownLatch lost = new CountDownLatch(1);
        volatile @Nullable Probe probe;

        @Override
        public void message(String where, String message) {
            watcher.heard(message);
        }

        void pushed(PushMessage push) {
            if (!INVALIDATION.equals(push.getType())) {
                return;
            }
            List<Object> content = push.getContent(StringCodec.UTF8::decodeKey);
            if (content.size() < 2 || !(content.get(1) instanceof List<?> names)) {
                watcher.flushed();
                return;
            }
            for (Object name : names) {
                tell(String.valueOf(name));
            }
        }

        private void tell(String key) {
            Probe awaited = probe;
            if (awaited != null && awaited.key.equals(key)) {
                awaited.pushed.complete(null);
            } else {
                watcher.changed(key);
            }
        }

        RedisConnectionStateListener losses() {
            return new RedisConnectionStateListener() {
                @Override
                public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
                    lost.countDown();
                }
            };
        }
    }
}
