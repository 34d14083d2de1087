package dev.sluice.redis;

import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One channel on a connection of its own. Tries until it listens; from then on Lettuce connects and subscribes anew by itself. A
 * user who may not subscribe costs a line in the log, and everybody goes on without.
 */
final class RedisSubscription implements Announcements.Subscription {
    private static final Logger log = LoggerFactory.getLogger(RedisSubscription.class);

    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LAST_RETRY = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final String channel;
    private final Consumer<String> heard;
    private final Supplier<CompletableFuture<StatefulRedisPubSubConnection<String, String>>> connecting;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable StatefulRedisPubSubConnection<String, String> connection;
    private volatile boolean subscribed;

    RedisSubscription(
            String channel,
            Consumer<String> heard,
            Supplier<CompletableFuture<StatefulRedisPubSubConnection<String, String>>> connecting) {
        this.channel = channel;
        this.heard = heard;
        this.connecting = connecting;
        Thread.ofVirtual().name("redis-subscribe").start(this::subscribe);
    }

    @Override
    public boolean isLive() {
        var now = connection;
        return subscribed && now != null && now.isOpen() && closed.getCount() > 0;
    }

    @Override
    public void close() {
        closed.countDown();
        var now = connection;
        if (now != null) {
            var unused = now.closeAsync();
        }
    }

    private void subscribe() {
        long pause = FIRST_RETRY.toMillis();
        boolean said = false;
        try {
            while (closed.getCount() > 0) {
                String problem = tryOnce();
                if (problem.isEmpty()) {
                    return;
                }
                if (!said) {
                    log.info("announcements of other replicas are not heard yet: {}", problem);
                    said = true;
                }
                if (closed.await(pause, TimeUnit.MILLISECONDS)) {
                    return;
                }
                pause = Math.min(2 * pause, LAST_RETRY.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What went wrong; empty if nothing did. */
    private String tryOnce() throws InterruptedException {
        CompletableFuture<StatefulRedisPubSubConnection<String, String>> opening = new CompletableFuture<>();
        try {
            opening = connecting.get();
            var open = opening.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            connection = open;
            open.addListener(new RedisPubSubAdapter<>() {
                @Override
                public void message(String where, String message) {
                    heard.accept(message);
                }

                @Override
                public void subscribed(String where, long count) {
                    subscribed = true;
                }
            });
            open.async().subscribe(channel).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (closed.getCount() == 0) {
                close();
            }
            return "";
        } catch (TimeoutException e) {
            opening.thenAccept(StatefulRedisPubSubConnection::closeAsync);
            return "Redis does not answer";
        } catch (ExecutionException e) {
            opening.thenAccept(StatefulRedisPubSubConnection::closeAsync);
            return word(e.getCause() == null ? e : e.getCause());
        } catch (RuntimeException e) {
            // Whatever it is, it must be tried again: this is only ever an acceleration.
            opening.thenAccept(StatefulRedisPubSubConnection::closeAsync);
            return word(e);
        }
    }

    /** What went wrong, such as RedisConnection: messages may hold addresses, and nobody is to search the log for a trace. */
    private static String word(Throwable problem) {
        return problem.getClass().getSimpleName().replaceFirst("Exception$", "");
    }
}
