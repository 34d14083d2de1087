package dev.sluice.server.bots;

import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks twice a second whether bots or their limits were changed elsewhere, until closed. */
public final class BotsRefresh implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BotsRefresh.class);

    /**
     * How late a change made through another replica is known here, unless Redis is away: half of the second that is promised, so that
     * reading it, and who waits by old limits, have the other.
     */
    public static final Duration EVERY = Duration.ofMillis(500);

    private final Bots bots;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private BotsRefresh(Bots bots) {
        this.bots = bots;
    }

    /** Looks at once, and then again and again. */
    public static BotsRefresh start(Bots bots) {
        var refresh = new BotsRefresh(bots);
        refresh.look();
        Thread.ofVirtual().name("bots-refresh").start(refresh::lookUntilStopped);
        return refresh;
    }

    @Override
    public void close() {
        stopped.countDown();
    }

    private void lookUntilStopped() {
        try {
            while (!stopped.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            bots.refresh();
        } catch (RedisUnavailableException e) {
            // What was known last holds on; that Redis is away is told elsewhere.
        } catch (RuntimeException e) {
            // A defect; it must not end the looking.
            log.error("the registered bots could not be read", e);
        }
    }
}
