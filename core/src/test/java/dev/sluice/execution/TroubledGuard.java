package dev.sluice.execution;

import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyGuard;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.Settlement;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A guard whose answers get lost when a test says so. */
final class TroubledGuard implements IdempotencyGuard {
    final AtomicInteger lostClaims = new AtomicInteger();
    final AtomicInteger refusedSettlements = new AtomicInteger();
    final AtomicInteger brokenSettlements = new AtomicInteger();
    final AtomicInteger heartbeats = new AtomicInteger();
    final AtomicInteger withdrawn = new AtomicInteger();
    private final IdempotencyGuard guard;

    TroubledGuard(IdempotencyGuard guard) {
        this.guard = guard;
    }

    @Override
    public Claim claim(ClaimRequest request) {
        return guard.claim(request);
    }

    @Override
    public Claim claim(ClaimRequest request, Duration maxWait) throws InterruptedException {
        Claim claim = guard.claim(request, maxWait);
        if (lostClaims.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new RedisUnavailableException("the answer is lost", true, null);
        }
        return claim;
    }

    @Override
    public boolean settle(Fence fence, Settlement settlement) {
        if (brokenSettlements.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new IllegalStateException("not an idempotency record");
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new RedisUnavailableException(
                    RedisUnavailableException.Reason.INTERRUPTED, "interrupted", false, null);
        }
        if (refusedSettlements.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new RedisUnavailableException("away", false, null);
        }
        return guard.settle(fence, settlement);
    }

    @Override
    public boolean heartbeat(Fence fence, Duration lease) {
        boolean held = guard.heartbeat(fence, lease);
        heartbeats.incrementAndGet();
        return held;
    }

    @Override
    public boolean withdraw(ClaimRequest request) {
        boolean had = guard.withdraw(request);
        withdrawn.addAndGet(had ? 1 : 0);
        return had;
    }

    @Override
    public Optional<Claim> look(IdempotencyKey key) {
        return guard.look(key);
    }

    @Override
    public Optional<Claim> look(Fence fence) {
        return guard.look(fence);
    }
}
