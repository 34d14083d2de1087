package dev.sluice.execution;

import dev.sluice.delivery.Backoff;
import dev.sluice.delivery.Heartbeats;
import dev.sluice.delivery.Pause;
import dev.sluice.delivery.ResultCodec;
import dev.sluice.delivery.Withdrawals;
import dev.sluice.encryption.Sealer;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.idempotency.IdempotencyGuard;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.Settlement;
import dev.sluice.redis.KeyPart;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does one kind of work once per key: the first caller runs it, twins wait for its result, later ones are given it. Thread-safe; blocks
 * its (virtual) thread. As many may call as like; each holds a thread of its own.
 *
 * <p>Guarantees, over all processes that share the guard's store: no two run the work of one key while a lease holds; what ended is not
 * done again while it is kept; what a dead process left is done again or not, as {@link ExecutionSettings} say. In memory all of it
 * holds for one process until it ends.
 *
 * @param <T> what the work returns
 */
public final class IdempotentExecutor<T> implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(IdempotentExecutor.class);

    /** For those who have nothing to tell repeats from misuse by. */
    private static final Fingerprint ANY_CONTENT = Fingerprint.of(new byte[0]);

    private static final Backoff SETTLE_AGAIN = new Backoff(Duration.ofMillis(20), Duration.ofMillis(500));

    private final String kind;
    private final IdempotencyGuard guard;
    private final ExecutionSettings settings;
    private final KeptResults<T> results;
    private final Function<Exception, AfterFailure> failures;
    private final ExecutionEvents events;
    private final RandomGenerator random = new SecureRandom();
    private final Heartbeats heartbeats;
    private final Withdrawals withdrawals;

    private IdempotentExecutor(Builder<T> builder) {
        kind = builder.kind;
        guard = builder.guard;
        settings = builder.settings;
        results = new KeptResults<>(builder.codec, builder.sealer, settings.largestResult());
        failures = builder.failures.orElse(failure -> settings.afterFailure());
        events = builder.events;
        heartbeats = new Heartbeats(guard::heartbeat, settings.lease());
        withdrawals = new Withdrawals(guard::withdraw, random);
    }

    /**
     * Begins to describe an executor.
     *
     * @param kind what the work is, 1-32 of {@code a-z 0-9 _ -}: keys of different kinds do not meet, and metrics go by it
     * @param guard shared by as many executors as like
     * @param codec how results are kept
     * @param settings at least once or at most once, and for how long
     */
    public static <T> Builder<T> of(
            String kind, IdempotencyGuard guard, ResultCodec<T> codec, ExecutionSettings settings) {
        KeyPart.SCOPE.require("kind of work", kind);
        return new Builder<>(kind, guard, codec, settings);
    }

    /** Work that knows its fence, for resources that refuse whoever lost its lease. */
    @FunctionalInterface
    public interface FencedWork<T> {
        /** @param fence greater than that of every earlier run under the same key */
        T call(Fence fence) throws Exception;
    }

    /** Runs the work, or says what came of it before; the key alone tells a repeat. */
    public Execution<T> run(String key, Callable<T> work) throws InterruptedException {
        return run(key, ANY_CONTENT, work);
    }

    /** The same; other content under the key is {@link Execution.Mismatch}. */
    public Execution<T> run(String key, Fingerprint content, Callable<T> work) throws InterruptedException {
        return runFenced(key, content, fence -> work.call());
    }

    /**
     * The same for work that wants its fence.
     *
     * @param key any text, of which only a digest is kept
     * @param content of what is asked for
     * @throws InterruptedException if the thread is interrupted while it waits, or the work throws it; the latter is settled like any
     *     failure first
     * @throws RedisUnavailableException if Redis could not be asked before the work: then it was not done
     */
    public Execution<T> runFenced(String key, Fingerprint content, FencedWork<T> work) throws InterruptedException {
        IdempotencyKey id = IdempotencyKey.ofWork(kind, key);
        Execution<T> execution = switch (claim(id, content)) {
            case Claim.New(Fence fence) -> ran(fence, work);
            case Claim.Processing(Duration left) -> new Execution.InProgress<>(left);
            case Claim.Completed(var result) ->
                results.value(id, result)
                        .<Execution<T>>map(Execution.Replayed::new)
                        .orElseGet(Execution.Done::new);
            case Claim.Failed(var result) ->
                new Execution.FailedBefore<>(results.reason(id, result).orElse(""));
            case Claim.Unknown() -> new Execution.Unknown<>();
            case Claim.Mismatch() -> new Execution.Mismatch<>();
        };
        tell(execution);
        return execution;
    }

    /** Work that was done stays done, whatever becomes of its metrics. */
    private void tell(Execution<T> execution) {
        try {
            events.ended(kind, execution);
        } catch (RuntimeException e) {
            log.atError().addKeyValue("kind", kind).setCause(e).log("the listener to work that ended failed");
        }
    }

    private Claim claim(IdempotencyKey key, Fingerprint content) throws InterruptedException {
        var request = new ClaimRequest(key, content, settings.lease(), settings.abandoned());
        try {
            return guard.claim(request, settings.maxWait());
        } catch (RedisUnavailableException e) {
            withdrawIfLost(request, e);
            throw e;
        } catch (InterruptedException e) {
            if (e.getCause() instanceof RedisUnavailableException lost) {
                withdrawIfLost(request, lost);
            }
            throw e;
        }
    }

    /** Else a claim that nobody acts on would pass for an attempt. */
    private void withdrawIfLost(ClaimRequest request, RedisUnavailableException lost) {
        if (lost.mayHaveRun()) {
            withdrawals.later(request);
        }
    }

    private Execution<T> ran(Fence fence, FencedWork<T> work) throws InterruptedException {
        // Beats until the outcome is written down, so that nobody comes in between while the store is slow.
        Heartbeats.Beating beating = heartbeats.keep(fence);
        try {
            T value;
            try {
                value = work.call(fence);
            } catch (InterruptedException e) {
                failed(fence, e);
                throw e;
            } catch (Exception e) {
                return new Execution.Failed<>(e, failed(fence, e));
            }
            var stored = results.stored(fence.key(), value);
            boolean settled = settled(
                    fence, new Settlement.Complete(stored.orElseGet(() -> results.none(fence.key())), settings.keep()));
            return new Execution.Ran<>(value, settled && stored.isPresent());
        } finally {
            beating.close();
        }
    }

    private AfterFailure failed(Fence fence, Exception e) {
        AfterFailure after = afterwards(e);
        settled(
                fence,
                switch (after) {
                    case AfterFailure.Remember(String reason) ->
                        new Settlement.Fail(results.reason(fence.key(), reason), settings.keep());
                    case AfterFailure.Retry retry -> new Settlement.Release();
                    case AfterFailure.InDoubt doubt -> new Settlement.MarkUnknown(settings.keep());
                });
        return after;
    }

    private AfterFailure afterwards(Exception e) {
        try {
            return failures.apply(e);
        } catch (RuntimeException defect) {
            e.addSuppressed(defect);
            return settings.afterFailure();
        }
    }

    /**
     * Also for a caller that was interrupted: what was done must be written down. The flag is set again afterwards.
     *
     * @return false if it was not written down, or the claim had passed to somebody else
     */
    private boolean settled(Fence fence, Settlement settlement) {
        boolean interrupted = Thread.interrupted();
        try {
            long start = System.nanoTime();
            for (int attempt = 1; ; attempt++) {
                try {
                    return guard.settle(fence, settlement);
                } catch (RedisScriptException | IllegalStateException e) {
                    // A defect, or a foreign key in the way: what the work returned is true all the same.
                    log.atError().addKeyValue("kind", kind).setCause(e).log("work that ended could not be settled");
                    return false;
                } catch (RedisUnavailableException e) {
                    Duration pause = SETTLE_AGAIN.delay(attempt, random);
                    if (System.nanoTime() - start + pause.toNanos()
                            > settings.settleWithin().toNanos()) {
                        log.atWarn().addKeyValue("kind", kind).log("work that ended could not be settled in time");
                        return false;
                    }
                    Pause.sleepUnlessInterrupted(pause);
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Renews no lease any more, and takes back no claim: to be closed when no work runs. The guard stays open. */
    @Override
    public void close() {
        heartbeats.close();
        withdrawals.close();
    }

    /** Describes an executor. Not thread-safe. */
    public static final class Builder<T> {
        private final String kind;
        private final IdempotencyGuard guard;
        private final ResultCodec<T> codec;
        private final ExecutionSettings settings;
        private Optional<Function<Exception, AfterFailure>> failures = Optional.empty();
        private ExecutionEvents events = ExecutionEvents.NONE;
        private Sealer sealer = Sealer.NONE;

        private Builder(String kind, IdempotencyGuard guard, ResultCodec<T> codec, ExecutionSettings settings) {
            this.kind = kind;
            this.guard = guard;
            this.codec = codec;
            this.settings = settings;
        }

        /**
         * What an exception of the work means for repeats. Unless it is given: at least once, the next caller tries; at most once, nobody
         * knows. Must not throw.
         */
        public Builder<T> onFailure(Function<Exception, AfterFailure> newFailures) {
            failures = Optional.of(newFailures);
            return this;
        }

        public Builder<T> events(ExecutionEvents newEvents) {
            events = newEvents;
            return this;
        }

        /** Encrypts what is kept; unless it is given, results lie in the store as the codec writes them. */
        public Builder<T> sealer(Sealer newSealer) {
            sealer = newSealer;
            return this;
        }

        /** To be closed by whoever opens it. */
        public IdempotentExecutor<T> open() {
            return new IdempotentExecutor<>(this);
        }
    }
}
