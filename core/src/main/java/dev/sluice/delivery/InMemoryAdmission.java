package dev.sluice.delivery;

import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Floods;
import dev.sluice.limit.RateLimiter;
import dev.sluice.queue.LanePlace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Claims and buckets of one process. The guard asks the limiter within its own step, which makes both one. */
final class InMemoryAdmission implements Admission {
    private final InMemoryIdempotencyGuard guard;
    private final RateLimiter limiter;
    private final PlacedLimits limits;
    private final LongSupplier microClock;
    private final ReentrantLock lock = new ReentrantLock();

    /** Per bot: who was told 429 lately, and when. Held for a second. */
    private final Map<String, Map<String, Long>> floods = new HashMap<>();

    /** Without a queue. */
    InMemoryAdmission(InMemoryIdempotencyGuard guard, RateLimiter limiter, LongSupplier microClock) {
        this(guard, limiter, (acquisition, place) -> limiter.tryAcquire(acquisition), microClock);
    }

    /** @param limits the limiter's, as they are asked */
    InMemoryAdmission(
            InMemoryIdempotencyGuard guard, RateLimiter limiter, PlacedLimits limits, LongSupplier microClock) {
        this.guard = guard;
        this.limiter = limiter;
        this.limits = limits;
        this.microClock = microClock;
    }

    @Override
    public Verdict admit(
            Optional<ClaimRequest> claim, boolean mustClaim, Acquisition acquisition, Optional<LanePlace> place) {
        return admit(guard, claim, () -> limits.tryAcquire(acquisition, place));
    }

    /** @param limits asked at most once, and not for a duplicate */
    static Verdict admit(InMemoryIdempotencyGuard guard, Optional<ClaimRequest> claim, Supplier<Decision> limits) {
        if (claim.isEmpty()) {
            return verdict(Optional.empty(), limits.get());
        }
        var decisions = new ArrayList<Decision>(1);
        Optional<Claim> answer = guard.claimIf(claim.get(), () -> {
            decisions.add(limits.get());
            return decisions.getFirst() instanceof Decision.Allowed;
        });
        return switch (answer.orElse(null)) {
            case null -> verdict(Optional.empty(), decisions.getFirst());
            case Claim.New(Fence fence) -> verdict(Optional.of(fence), decisions.getFirst());
            case Claim taken -> new Verdict.Taken(taken);
        };
    }

    private static Verdict verdict(Optional<Fence> fence, Decision decision) {
        return switch (decision) {
            case Decision.Allowed allowed -> new Verdict.Passed(fence, allowed);
            case Decision.Denied denied -> new Verdict.Denied(denied);
        };
    }

    @Override
    public void postpone(Acquisition acquisition, Decision.Allowed limits, Duration by) {
        limiter.postpone(acquisition, limits, by);
    }

    @Override
    public Optional<Claim> look(ClaimRequest claim) {
        return guard.claimIf(claim, () -> false);
    }

    @Override
    public boolean settle(Optional<Claimed> claim, Optional<Flood> flood, Patience patience) {
        lock.lock();
        try {
            // The park first: a twin that claims anew the moment the claim is released must find it.
            flood.ifPresent(this::park);
            return claim.isEmpty()
                    || guard.settle(claim.get().fence(), claim.get().settlement());
        } finally {
            lock.unlock();
        }
    }

    private void park(Flood flood) {
        var buckets = Admission.parked(flood);
        Bucket chat = buckets.getFirst();
        Bucket bot = buckets.getLast();
        limiter.park(chat, flood.retryAfter());
        long now = microClock.getAsLong();
        long counts = now - Floods.COUNT_FOR.toNanos() / 1_000;
        floods.values().forEach(recent -> recent.values().removeIf(at -> at < counts));
        floods.values().removeIf(Map::isEmpty);
        Map<String, Long> recent = floods.computeIfAbsent(flood.bot().toString(), id -> new HashMap<>());
        recent.put(Floods.name(flood.bot(), flood.chat()), now);
        if (recent.size() >= Floods.THAT_PARK_THE_BOT) {
            limiter.park(bot, flood.retryAfter());
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
