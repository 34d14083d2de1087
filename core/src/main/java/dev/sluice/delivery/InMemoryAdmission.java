package dev.sluice.delivery;

import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyGuard;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.TwinWait;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.Decision;
import dev.sluice.limit.RateLimiter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** Claims and buckets of one process. One lock makes a decision over both one step. */
final class InMemoryAdmission implements Admission {
    private final IdempotencyGuard guard;
    private final TwinWait twins;
    private final RateLimiter limiter;
    private final LongSupplier microClock;
    private final ReentrantLock lock = new ReentrantLock();

    /** Per bot: who was told 429 lately, and when. Held for a second. */
    private final Map<String, Map<String, Long>> floods = new HashMap<>();

    <G extends IdempotencyGuard & TwinWait> InMemoryAdmission(G guard, RateLimiter limiter, LongSupplier microClock) {
        this.guard = guard;
        this.twins = guard;
        this.limiter = limiter;
        this.microClock = microClock;
    }

    @Override
    public Verdict admit(Optional<ClaimRequest> claim, Acquisition acquisition) {
        lock.lock();
        try {
            Optional<Fence> fence = Optional.empty();
            if (claim.isPresent()) {
                Claim answer = guard.claim(claim.get());
                if (!(answer instanceof Claim.New(Fence mine))) {
                    return new Verdict.Taken(answer);
                }
                fence = Optional.of(mine);
            }
            switch (limiter.tryAcquire(acquisition)) {
                case Decision.Allowed allowed -> {
                    return new Verdict.Passed(fence, allowed);
                }
                case Decision.Denied denied -> {
                    fence.ifPresent(mine -> guard.settle(mine, new Settlement.Release()));
                    return new Verdict.Denied(denied);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Optional<Claim> look(ClaimRequest claim) {
        lock.lock();
        try {
            Claim answer = guard.claim(claim);
            if (answer instanceof Claim.New(Fence mine)) {
                guard.settle(mine, new Settlement.Release());
                return Optional.empty();
            }
            return Optional.of(answer);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean settle(Optional<Claimed> claim, Optional<Flood> flood) {
        lock.lock();
        try {
            boolean held = claim.isEmpty()
                    || guard.settle(claim.get().fence(), claim.get().settlement());
            flood.ifPresent(this::park);
            return held;
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
        long counts = now - FLOOD_COUNTS.toNanos() / 1_000;
        floods.values().forEach(recent -> recent.values().removeIf(at -> at < counts));
        floods.values().removeIf(Map::isEmpty);
        Map<String, Long> recent = floods.computeIfAbsent(flood.bot().toString(), id -> new HashMap<>());
        recent.put(Admission.name(flood), now);
        if (recent.size() >= FLOODS_THAT_PARK_THE_BOT) {
            limiter.park(bot, flood.retryAfter());
        }
    }

    @Override
    public boolean heartbeat(Fence fence, Duration lease) {
        return guard.heartbeat(fence, lease);
    }

    @Override
    public boolean awaitTwin(IdempotencyKey key, Duration max) throws InterruptedException {
        return twins.awaitEnd(key, max);
    }
}
