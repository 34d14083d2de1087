package dev.sluice.idempotency;

import dev.sluice.SluiceException;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.Script;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits for claims that lie in Redis. Thread-safe.
 *
 * <p>All who wait for one key share one watch, which looks at Redis after 10 ms at first and every 100 ms later, each
 * time up to a quarter earlier so that processes do not look in step. A settlement of this process is heard at once
 * ({@link #ended}). While Redis does not answer, waiting goes on: the claim that follows tells.
 *
 * <p>Why no publish/subscribe: a lost notification needs the looking anyway, and a subscription per waiting key costs
 * a second connection to keep alive.
 */
public final class RedisTwinWait implements TwinWait {
    private static final long FIRST_LOOK_MICROS = 10_000;
    private static final long SLOWEST_LOOK_MICROS = 100_000;
    private static final long SHORTEST_PAUSE_MICROS = 1_000;
    private static final Script LOOK = Script.of("idempotency/look", ClaimScript.LIBRARY, ClaimScript.part("look.lua"));

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final ConcurrentHashMap<IdempotencyKey, Watch> watches = new ConcurrentHashMap<>();

    /** What all who wait for one key share; {@code waiting} is guarded by the map's lock on the key. */
    private static final class Watch {
        final CompletableFuture<Void> end = new CompletableFuture<>();
        int waiting;

        boolean endsWithin(long micros) {
            try {
                end.get(micros, TimeUnit.MICROSECONDS);
                return true;
            } catch (TimeoutException e) {
                return false;
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException("nobody interrupts or fails a watch but itself", e);
            }
        }
    }

    public RedisTwinWait(ScriptRunner redis, KeySpace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    @Override
    public boolean awaitEnd(IdempotencyKey key, Duration max, CompletableFuture<?> unless) throws InterruptedException {
        if (!max.isPositive()) {
            return leaseRemaining(key) == 0;
        }
        Watch watch = join(key);
        try {
            CompletableFuture.anyOf(watch.end, unless).get(TimeUnit.NANOSECONDS.convert(max), TimeUnit.NANOSECONDS);
            return watch.end.isDone();
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new SluiceException("looking after a claim in progress failed", e);
        } finally {
            leave(key, watch);
        }
    }

    /** Tells those who wait in this process that a claim of {@code key} was just settled here. */
    public void ended(IdempotencyKey key) {
        Watch watch = watches.remove(key);
        if (watch != null) {
            watch.end.complete(null);
        }
    }

    /** How many keys are being watched. */
    int watched() {
        return watches.size();
    }

    private Watch join(IdempotencyKey key) {
        var fresh = new Watch();
        Watch joined = watches.compute(key, (k, present) -> {
            Watch watch = present == null ? fresh : present;
            watch.waiting++;
            return watch;
        });
        if (joined == fresh) {
            Thread.ofVirtual().name("sluice-twin-wait").start(() -> look(key, fresh));
        }
        return joined;
    }

    private void leave(IdempotencyKey key, Watch watch) {
        watches.computeIfPresent(key, (k, present) -> {
            if (present != watch || --watch.waiting > 0) {
                return present;
            }
            watch.end.complete(null);
            return null;
        });
    }

    private void look(IdempotencyKey key, Watch watch) {
        try {
            long pause = FIRST_LOOK_MICROS;
            while (!watch.endsWithin(jittered(pause))) {
                pause = Math.min(pause * 3 / 2, SLOWEST_LOOK_MICROS);
                try {
                    long remaining = leaseRemaining(key);
                    if (remaining == 0) {
                        watches.remove(key, watch);
                        watch.end.complete(null);
                    }
                    pause = Math.min(pause, Math.max(remaining, SHORTEST_PAUSE_MICROS));
                } catch (RedisUnavailableException e) {
                    pause = SLOWEST_LOOK_MICROS;
                }
            }
        } catch (RuntimeException | Error e) {
            watches.remove(key, watch);
            watch.end.completeExceptionally(e);
        }
    }

    private static long jittered(long micros) {
        return ThreadLocalRandom.current().nextLong(micros - micros / 4, micros + 1);
    }

    private long leaseRemaining(IdempotencyKey key) {
        return redis.run(LOOK, List.of(key.key(keys)), List.of()).number(0);
    }
}
