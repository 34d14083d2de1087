package dev.sluice.redis;

import dev.sluice.redis.RedisSettings.Cluster;
import dev.sluice.redis.RedisUnavailableException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to Redis, which may not exist yet: tries until the first connection stands, measures it and checks the version.
 * From then on Lettuce reconnects by itself.
 */
final class Connection implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);

    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(2);

    /** The least of several pings: the first ones pay for class loading and a cold connection. */
    private static final int PINGS = 5;

    /** What a slow moment at start may add to every later deadline. */
    private static final Duration LONGEST_ROUND_TRIP = Duration.ofMillis(500);

    private record Established(Link link, Duration roundTrip) {}

    private final RedisSettings settings;
    private final Connector connector;
    private final CompletableFuture<Established> first = new CompletableFuture<>();
    private final CompletableFuture<RedisConfigurationException> misconfigured = new CompletableFuture<>();
    private final List<RedisKeyWatch> watches = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable Established established;
    private volatile String problem;
    private volatile boolean goingOnWithout;

    Connection(RedisSettings settings, Connector connector) {
        this.settings = settings;
        this.connector = connector;
        this.problem = "no connection to Redis at " + settings.address() + " yet";
        Thread.ofVirtual().name("redis-connect").start(this::connect);
    }

    /**
     * Waits for the first connection, but not longer than {@code wait}.
     *
     * @throws RedisConfigurationException if an attempt in that time showed that waiting does not help
     */
    void awaitFirst(Duration wait) {
        try {
            CompletableFuture.anyOf(first, misconfigured).get(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            goingOnWithout = true;
            log.warn("{}; going on without Redis, will keep trying", problem);
        } catch (ExecutionException e) {
            throw new IllegalStateException("connecting to Redis never fails, it only takes long", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!first.isDone() && misconfigured.isDone()) {
            throw misconfigured.join();
        }
    }

    /**
     * @throws RedisUnavailableException while there has never been a connection
     */
    Link link() {
        Established now = established;
        if (now == null) {
            throw new RedisUnavailableException(Reason.NOT_CONNECTED, problem, false, null);
        }
        return now.link();
    }

    Optional<Link> linkIfAny() {
        return Optional.ofNullable(established).map(Established::link);
    }

    Optional<Duration> roundTrip() {
        return Optional.ofNullable(established).map(Established::roundTrip);
    }

    boolean isOpen() {
        Established now = established;
        return now != null && now.link().isOpen();
    }

    Optional<String> problem() {
        return established == null ? Optional.of(problem) : Optional.empty();
    }

    /** Starts to listen on a connection of its own. */
    RedisSubscription listen(String channel, Consumer<String> heard) {
        return new RedisSubscription(channel, heard, connector::listen);
    }

    /** Starts to watch keys on a connection of its own. */
    RedisKeyWatch watch(List<String> prefixes, String channel, KeyWatch.Watcher watcher) {
        var watch = new RedisKeyWatch(
                prefixes, channel, watcher, settings.topology() instanceof Cluster, connector::listen);
        watches.add(watch);
        if (closed.getCount() == 0) {
            watch.close();
        }
        return watch;
    }

    /** Connects anew, since the server at the other end is no master any more; a Cluster follows its masters by itself. */
    void lookForTheMaster() {
        if (!(settings.topology() instanceof Cluster)) {
            connector.reconnect();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        // They make their connections themselves, and would go on trying.
        watches.forEach(RedisKeyWatch::close);
        connector.close();
    }

    private void connect() {
        long delayMillis = FIRST_RETRY.toMillis();
        try {
            while (!tryOnce()) {
                long pause = delayMillis / 2 + ThreadLocalRandom.current().nextLong(delayMillis / 2 + 1);
                if (closed.await(pause, TimeUnit.MILLISECONDS)) {
                    return;
                }
                delayMillis = Math.min(2 * delayMillis, LAST_RETRY.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean tryOnce() throws InterruptedException {
        CompletableFuture<Link> opening = new CompletableFuture<>();
        Duration patience = settings.connectTimeout().multipliedBy(2);
        try {
            opening = connector.open();
            Link link = opening.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            adopt(link);
            return true;
        } catch (TimeoutException e) {
            opening.thenAccept(Link::close);
            note(new StartProblem("Redis at " + settings.address() + " does not answer", false));
        } catch (ExecutionException e) {
            note(StartProblem.of(e.getCause(), settings));
        } catch (RuntimeException e) {
            // Whatever it is, this thread must go on: without it there would never be a connection.
            opening.thenAccept(Link::close);
            note(StartProblem.of(e, settings));
        }
        return false;
    }

    private void adopt(Link link) {
        var deadline = Deadline.in(settings.settleTimeout());
        StartProblem.check(Requests.infoText(link, deadline), settings);
        var now = new Established(link, measure(link, deadline));
        established = now;
        first.complete(now);
        if (goingOnWithout) {
            log.info("connected to Redis at {}", settings.address());
        }
    }

    private static Duration measure(Link link, Deadline deadline) {
        Duration least = LONGEST_ROUND_TRIP;
        for (int i = 0; i < PINGS; i++) {
            var sent = Deadline.in(Duration.ofNanos(Math.max(1, deadline.remainingNanos())));
            Duration roundTrip = Requests.ping(link, Link.WHOLE, sent);
            least = roundTrip.compareTo(least) < 0 ? roundTrip : least;
        }
        return least;
    }

    private void note(StartProblem found) {
        if (goingOnWithout && !found.message().equals(problem)) {
            log.warn("{}; will keep trying", found.message());
        }
        problem = found.message();
        if (found.lasting()) {
            misconfigured.complete(new RedisConfigurationException(found.message()));
        }
    }
}
