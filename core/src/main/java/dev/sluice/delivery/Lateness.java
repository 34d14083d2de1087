package dev.sluice.delivery;

import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the store of a try that is written long after it was admitted: connecting took its time, or the machine was busy.
 * The limits then count it from its first byte, or the next call, written at once, would come too close behind it.
 *
 * <p>Told while the answer is still awaited, since the next call may be admitted as soon as a window has passed; and before
 * this process lets the next one of its lane try.
 */
public final class Lateness {
    private static final Logger log = LoggerFactory.getLogger(Lateness.class);

    /** What Telegram's own tolerance swallows; more than a warm process needs from decision to first byte. */
    private static final Duration LATE = Duration.ofMillis(20);

    /** A decision takes less; whoever waits for more is not helped by waiting. */
    private static final Duration LONGEST_TELLING = Duration.ofMillis(100);

    private final Consumer<Duration> store;
    private final long askedAt;
    private volatile CompletableFuture<?> told = CompletableFuture.completedFuture(null);

    /**
     * @param store hears how late the first byte is; may block, and throw what a store throws
     * @param askedAt when the store was asked, by {@link System#nanoTime}: before it decided, so that nothing is missed
     */
    public Lateness(Consumer<Duration> store, long askedAt) {
        this.store = store;
        this.askedAt = askedAt;
    }

    /** The first byte is about to be written. Returns at once; whatever becomes of it, the try's answer counts. */
    public void writing() {
        Duration late = Duration.ofNanos(System.nanoTime() - askedAt);
        if (late.compareTo(LATE) >= 0) {
            var telling = new CompletableFuture<Void>();
            told = telling;
            Thread.ofVirtual().name("sluice-lateness").start(() -> {
                tell(late);
                telling.complete(null);
            });
        }
    }

    /** Waits until the store has been told, if there was anything to tell: not for long, and not if interrupted. */
    public void awaitTold() {
        try {
            told.get(LONGEST_TELLING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException e) {
            log.atDebug().setCause(e).log("lateness told late");
        }
    }

    private void tell(Duration late) {
        try {
            store.accept(late);
        } catch (RedisUnavailableException | RedisScriptException e) {
            log.atDebug().setCause(e).log("lateness not told");
        }
    }
}
