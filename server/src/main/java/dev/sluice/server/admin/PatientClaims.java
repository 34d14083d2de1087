package dev.sluice.server.admin;

import dev.sluice.delivery.Withdrawals;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyGuard;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.TwinWait;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;

/**
 * Claims for callers far away, who may leave while they wait: a claim whose answer is lost, here or on its way to Redis, is taken back,
 * since nobody would act on it and nobody knows its fence. Thread-safe; blocks its (virtual) thread.
 */
public final class PatientClaims implements AutoCloseable {
    /** So that those who wait leave room for those who ask: {@link AdminApi} answers 2,000 at once. */
    private static final int MOST_WAITING = 1_000;

    private final IdempotencyGuard guard;
    private final TwinWait twins;
    private final Withdrawals withdrawals;
    private final BiConsumer<String, Claim> told;
    private final PatientCallers callers = new PatientCallers(MOST_WAITING);

    /** @param told hears kind and answer of every claim that is answered */
    public PatientClaims(
            IdempotencyGuard guard, TwinWait twins, RandomGenerator random, BiConsumer<String, Claim> told) {
        this.guard = guard;
        this.twins = twins;
        this.withdrawals = new Withdrawals(guard::withdraw, random);
        this.told = told;
    }

    /**
     * Claims, and waits for a twin as long as its caller does; beyond the bound of those who wait, it is answered at once.
     *
     * @param gone completes when the caller leaves
     */
    Claim claim(String kind, ClaimRequest request, Duration wait, CompletableFuture<Void> gone) {
        Claim claim = patiently(request, wait, gone);
        if (gone.isDone() && claim instanceof Claim.New) {
            withdrawals.later(request);
        }
        told.accept(kind, claim);
        return claim;
    }

    private Claim patiently(ClaimRequest request, Duration wait, CompletableFuture<Void> gone) {
        Claim first = once(request);
        return first instanceof Claim.Processing
                ? callers.answer(wait, granted -> untilItsEnd(first, request, granted, gone))
                : first;
    }

    private Claim untilItsEnd(Claim first, ClaimRequest request, Duration wait, CompletableFuture<Void> gone)
            throws InterruptedException {
        Claim claim = first;
        long start = System.nanoTime();
        while (claim instanceof Claim.Processing) {
            Duration left = wait.minusNanos(System.nanoTime() - start);
            if (!left.isPositive() || gone.isDone()) {
                return claim;
            }
            twins.awaitEnd(request.key(), left, gone);
            if (!gone.isDone()) {
                claim = once(request);
            }
        }
        return claim;
    }

    private Claim once(ClaimRequest request) {
        try {
            return guard.claim(request);
        } catch (RedisUnavailableException e) {
            if (e.mayHaveRun()) {
                withdrawals.later(request);
            }
            throw e;
        }
    }

    Optional<Claim> look(IdempotencyKey key) {
        return guard.look(key);
    }

    Optional<Claim> look(Fence fence) {
        return guard.look(fence);
    }

    boolean settle(Fence fence, Settlement settlement) {
        return guard.settle(fence, settlement);
    }

    boolean renew(Fence fence, Duration lease) {
        return guard.heartbeat(fence, lease);
    }

    /** How many wait now. */
    int waiting() {
        return callers.waiting();
    }

    @Override
    public void close() {
        withdrawals.close();
    }
}
