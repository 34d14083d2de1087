package dev.sluice.delivery;

import dev.sluice.delivery.Admission.Verdict;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.limit.Decision;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What this process knows of its own attempts, so that it repeats none of them while Redis cannot be asked. Thread-safe.
 *
 * <p>Guarantee: within this process, and only within it. Other processes hear of a shared attempt from Redis, and of one that
 * was made alone from nobody.
 */
final class OwnAttempts {
    /** Those that Redis knows as well, under the same fence, until it knows how they ended. */
    private final InMemoryIdempotencyGuard shared = new InMemoryIdempotencyGuard();

    /** Those that were made without Redis. */
    private final InMemoryIdempotencyGuard alone = new InMemoryIdempotencyGuard();

    /** What a claim would find; takes what is handed over. Empty if nothing is known. */
    Optional<Claim> look(ClaimRequest claim) {
        return shared.claimIf(claim, () -> false).or(() -> alone.claimIf(claim, () -> false));
    }

    /** Redis has let it pass. */
    void began(ClaimRequest claim, Fence fence) {
        shared.adopt(claim, fence);
    }

    /** Decides without Redis: both or nothing. */
    Verdict admit(Optional<ClaimRequest> claim, Supplier<Decision> limits) {
        return InMemoryAdmission.admit(alone, claim, () -> InMemoryAdmission.verdict(limits.get()));
    }

    /**
     * Redis knows how it ended.
     *
     * @return false if nothing was known of it here: what it was to hand over may have been taken
     */
    boolean settled(Fence fence) {
        return shared.forget(fence);
    }

    /** Redis could not be told how it ended. */
    void unsettled(Fence fence, Settlement settlement) {
        shared.settle(fence, settlement);
    }

    /** Keeps for the next twin what another took in vain, unless one is at it. */
    void handBack(ClaimRequest claim, StoredResult result, Duration keep) {
        if (shared.claimIf(claim, () -> false).isEmpty() && alone.claim(claim) instanceof Claim.New(Fence fence)) {
            alone.settle(fence, new Settlement.HandOver(result, keep));
        }
    }

    /** @return false if the attempt was not made alone */
    boolean settleAlone(Fence fence, Settlement settlement) {
        return alone.settle(fence, settlement);
    }

    /** @return false if the attempt was not made alone */
    boolean heartbeatAlone(Fence fence, Duration lease) {
        return alone.heartbeat(fence, lease);
    }

    void heartbeat(Fence fence, Duration lease) {
        shared.heartbeat(fence, lease);
    }

    boolean awaitEnd(IdempotencyKey key, Duration max, CompletableFuture<?> unless) throws InterruptedException {
        long start = System.nanoTime();
        return shared.awaitEnd(key, max, unless)
                && alone.awaitEnd(key, max.minusNanos(System.nanoTime() - start), unless);
    }
}
