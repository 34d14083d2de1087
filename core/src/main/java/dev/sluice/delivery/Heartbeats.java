package dev.sluice.delivery;

import dev.sluice.idempotency.Fence;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Renews the claims of work under way, each third of the lease. Short work ends before its first renewal. Thread-safe. */
public final class Heartbeats implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Heartbeats.class);

    private final Renewal renewal;
    private final Duration lease;
    private final ScheduledThreadPoolExecutor timer;

    /** Renews one lease; may block, and throw {@link RedisUnavailableException}. */
    @FunctionalInterface
    public interface Renewal {
        /** @return false if the claim has passed on or ended */
        boolean renew(Fence fence, Duration lease);
    }

    public Heartbeats(Renewal renewal, Duration lease) {
        this.renewal = renewal;
        this.lease = lease;
        timer = new ScheduledThreadPoolExecutor(
                1,
                task -> Thread.ofPlatform().daemon().name("sluice-heartbeats").unstarted(task));
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Renews until closed. */
    public Beating keep(Fence fence) {
        long period = lease.toNanos() / 3;
        // Renewing waits for Redis, so it leaves the timer's thread at once.
        return new Beating(scheduled(() -> timer.scheduleAtFixedRate(
                () -> Thread.ofVirtual().start(() -> renew(fence)), period, period, TimeUnit.NANOSECONDS)));
    }

    private static Optional<ScheduledFuture<?>> scheduled(Supplier<ScheduledFuture<?>> task) {
        try {
            return Optional.of(task.get());
        } catch (RejectedExecutionException e) {
            // Closing: what is under way ends within its lease or counts as unknown.
            return Optional.empty();
        }
    }

    private void renew(Fence fence) {
        try {
            if (!renewal.renew(fence, lease)) {
                log.atDebug().addKeyValue("fence", fence.number()).log("claim has passed on or ended");
            }
        } catch (RedisUnavailableException e) {
            // The next beat tries again; two may fail before the lease runs out.
            log.atDebug().addKeyValue("fence", fence.number()).log("claim not renewed");
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** A claim being renewed. Thread-safe. */
    public final class Beating implements AutoCloseable {
        private final Optional<ScheduledFuture<?>> beat;
        private volatile Optional<ScheduledFuture<?>> end = Optional.empty();

        private Beating(Optional<ScheduledFuture<?>> beat) {
            this.beat = beat;
        }

        /** Stops by itself if nobody closes it before. To be called once, before {@link #close}. */
        void endAfter(Duration delay) {
            end = scheduled(() -> timer.schedule(this::close, delay.toNanos(), TimeUnit.NANOSECONDS));
        }

        @Override
        public void close() {
            beat.ifPresent(task -> task.cancel(false));
            end.ifPresent(task -> task.cancel(false));
        }
    }
}
