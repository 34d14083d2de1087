package dev.sluice.delivery;

import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Flood;
import dev.sluice.queue.LanePlace;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A store that does what another does, for tests to make parts of it fail. */
class ForwardingAdmission implements Admission {
    private final Admission other;

    ForwardingAdmission(Admission other) {
        this.other = other;
    }

    @Override
    public Verdict admit(
            Optional<ClaimRequest> claim, boolean mustClaim, Acquisition acquisition, Optional<LanePlace> place) {
        return other.admit(claim, mustClaim, acquisition, place);
    }

    @Override
    public void postpone(Acquisition acquisition, Decision.Allowed limits, Duration by) {
        other.postpone(acquisition, limits, by);
    }

    @Override
    public Optional<Verdict> look(ClaimRequest claim) {
        return other.look(claim);
    }

    @Override
    public boolean settle(Optional<Claimed> claim, Optional<Flood> flood, Patience patience) {
        return other.settle(claim, flood, patience);
    }

    @Override
    public void withdraw(ClaimRequest claim) {
        other.withdraw(claim);
    }

    @Override
    public void handBack(ClaimRequest claim, StoredResult result, Duration keep) {
        other.handBack(claim, result, keep);
    }

    @Override
    public boolean heartbeat(Fence fence, Duration lease) {
        return other.heartbeat(fence, lease);
    }

    @Override
    public boolean awaitTwin(IdempotencyKey key, Duration max, CompletableFuture<?> unless)
            throws InterruptedException {
        return other.awaitTwin(key, max, unless);
    }
}
