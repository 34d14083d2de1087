package dev.sluice.delivery;

import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Flood;
import dev.sluice.limit.LocalRateLimiter;
import dev.sluice.limit.RateLimiter;
import dev.sluice.queue.LanePlace;
import dev.sluice.queue.LocalMessageQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Claims and buckets of one process. The guard asks the limiter within its own step, which makes both one. */
final class InMemoryAdmission implements Admission {
    private final InMemoryIdempotencyGuard guard;
    private final RateLimiter limiter;
    private final PlacedLimits limits;
    private final QueuedKeys keys;
    private final Consumer<String> lowered;
    private final ReentrantLock lock = new ReentrantLock();

    /** Without a queue. */
    InMemoryAdmission(InMemoryIdempotencyGuard guard, RateLimiter limiter, Consumer<String> lowered) {
        this(
                guard,
                limiter,
                (acquisition, place) -> limiter.tryAcquire(acquisition),
                (key, keep) -> Optional.empty(),
                lowered);
    }

    /** Beside a queue, whose claims it makes. */
    InMemoryAdmission(LocalRateLimiter limiter, LocalMessageQueue queue, Consumer<String> lowered) {
        this(queue.claims(), limiter, new LimitsBesideQueue(limiter, queue), queue::holder, lowered);
    }

    private InMemoryAdmission(
            InMemoryIdempotencyGuard guard,
            RateLimiter limiter,
            PlacedLimits limits,
            QueuedKeys keys,
            Consumer<String> lowered) {
        this.guard = guard;
        this.limiter = limiter;
        this.limits = limits;
        this.keys = keys;
        this.lowered = lowered;
    }

    /** Which message a key belongs to. */
    @FunctionalInterface
    private interface QueuedKeys {
        Optional<LocalMessageQueue.Keyed> holder(IdempotencyKey key, Duration keep);
    }

    @Override
    public Verdict admit(
            Optional<ClaimRequest> claim, boolean mustClaim, Acquisition acquisition, Optional<LanePlace> place) {
        return admit(
                guard,
                claim,
                () -> claim.filter(request -> mustClaim)
                        .flatMap(this::queuedTwin)
                        .orElseGet(() -> verdict(limits.tryAcquire(acquisition, place))));
    }

    /** @param unclaimed what becomes of it but for its claim; asked at most once, and not for a duplicate */
    static Verdict admit(InMemoryIdempotencyGuard guard, Optional<ClaimRequest> claim, Supplier<Verdict> unclaimed) {
        if (claim.isEmpty()) {
            return unclaimed.get();
        }
        var verdicts = new ArrayList<Verdict>(1);
        Optional<Claim> answer = guard.claimIf(claim.get(), () -> {
            verdicts.add(unclaimed.get());
            return verdicts.getFirst() instanceof Verdict.Passed;
        });
        if (answer.isEmpty()) {
            return verdicts.getFirst();
        }
        return answer.get() instanceof Claim.New(Fence fence)
                        && verdicts.getFirst() instanceof Verdict.Passed(var without, Decision.Allowed allowed)
                ? new Verdict.Passed(Optional.of(fence), allowed)
                : new Verdict.Taken(answer.get());
    }

    static Verdict verdict(Decision decision) {
        return switch (decision) {
            case Decision.Allowed allowed -> new Verdict.Passed(Optional.empty(), allowed);
            case Decision.Denied denied -> new Verdict.Denied(denied);
        };
    }

    /** Asked while all claims wait, as the queue accepts keyed messages. */
    private Optional<Verdict> queuedTwin(ClaimRequest claim) {
        return keys.holder(claim.key(), claim.keep())
                .map(twin -> twin.content().equals(claim.fingerprint())
                        ? new Verdict.Queued(twin.id(), twin.pending())
                        : new Verdict.Taken(new Claim.Mismatch()));
    }

    @Override
    public void postpone(Acquisition acquisition, Decision.Allowed limits, Duration by) {
        limiter.postpone(acquisition, limits, by);
    }

    @Override
    public Optional<Verdict> look(ClaimRequest claim) {
        var twins = new ArrayList<Verdict>(1);
        return guard.claimIf(claim, () -> {
                    queuedTwin(claim).ifPresent(twins::add);
                    return false;
                })
                .<Verdict>map(Verdict.Taken::new)
                .or(() -> twins.stream().findFirst());
    }

    @Override
    public boolean settle(Optional<Claimed> claim, Optional<Flood> flood, Patience patience) {
        lock.lock();
        try {
            // The park first: a twin that claims anew the moment the claim is released must find it.
            flood.ifPresent(told -> limiter.flooded(told).scope().ifPresent(lowered));
            return claim.isEmpty()
                    || guard.settle(claim.get().fence(), claim.get().settlement());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void withdraw(ClaimRequest claim) {
        // No answer is ever lost within one process.
    }

    @Override
    public void handBack(ClaimRequest claim, StoredResult result, Duration keep) {
        if (guard.claim(claim) instanceof Claim.New(Fence fence)) {
            guard.settle(fence, new Settlement.HandOver(result, keep));
        }
    }

    @Override
    public boolean heartbeat(Fence fence, Duration lease) {
        return guard.heartbeat(fence, lease);
    }

    @Override
    public boolean awaitTwin(IdempotencyKey key, Duration max, CompletableFuture<?> unless)
            throws InterruptedException {
        return guard.awaitEnd(key, max, unless);
    }
}
