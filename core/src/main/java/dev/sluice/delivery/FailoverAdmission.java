package dev.sluice.delivery;

import dev.sluice.delivery.Deliveries.StoreFailure;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.Decision;
import dev.sluice.limit.LocalShare;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/**
 * Redis decides as long as it can be asked. While it cannot, limits go on at this replica's share, and calls under a key
 * are refused, since only Redis knows whether they were sent. Every decision asks Redis first, so its first answer ends
 * the outage; a breaker in the script runner makes asking cheap.
 *
 * <p>An admission whose answer was lost may have claimed: such a claim is taken back behind the scenes, so that a repeat
 * does not take it for an attempt.
 */
final class FailoverAdmission implements Admission {
    private static final Backoff WITHDRAW_AGAIN = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1));

    /** Longer than a claim without a key could matter. */
    private static final Duration WITHDRAW_FOR = Duration.ofSeconds(120);

    private static final int MOST_WITHDRAWING = 10_000;

    private final Admission redis;
    private final LocalShare share;
    private final StoreFailure failure;
    private final RandomGenerator random;
    private final Semaphore withdrawing = new Semaphore(MOST_WITHDRAWING);
    private volatile boolean closed;

    FailoverAdmission(Admission redis, LocalShare share, StoreFailure failure, RandomGenerator random) {
        this.redis = redis;
        this.share = share;
        this.failure = failure;
        this.random = random;
    }

    @Override
    public Verdict admit(Optional<ClaimRequest> claim, boolean mustClaim, Acquisition acquisition) {
        Optional<LocalShare.Reservation> reserved =
                share.isOutage() ? Optional.empty() : Optional.of(share.reserve(acquisition));
        if (reserved.isPresent() && reserved.get().decision() instanceof Decision.Denied denied) {
            return new Verdict.Denied(denied);
        }
        Verdict verdict;
        try {
            verdict = redis.admit(claim, mustClaim, acquisition);
        } catch (RedisUnavailableException e) {
            reserved.ifPresent(LocalShare.Reservation::giveBack);
            if (e.mayHaveRun()) {
                claim.ifPresent(this::withdrawLater);
            }
            began(e);
            return withoutRedis(mustClaim, acquisition, e);
        }
        LocalShare.Reservation reservation = reserved.orElseGet(() -> {
            ended();
            return share.reserve(acquisition);
        });
        return reconciled(verdict, reservation, claim);
    }

    private Verdict withoutRedis(boolean mustClaim, Acquisition acquisition, RedisUnavailableException cause) {
        OnStoreFailure calls = mustClaim ? failure.keyed() : failure.unkeyed();
        if (calls == OnStoreFailure.CLOSED || failure.limits() == OnStoreFailure.CLOSED) {
            throw cause;
        }
        Acquisition question = failure.limits() == OnStoreFailure.OPEN ? acquisition.overdrawing() : acquisition;
        return switch (share.tryAcquire(question)) {
            case Decision.Allowed allowed -> new Verdict.Passed(Optional.empty(), allowed);
            case Decision.Denied denied -> new Verdict.Denied(denied);
        };
    }

    private Verdict reconciled(Verdict verdict, LocalShare.Reservation reservation, Optional<ClaimRequest> claim) {
        switch (verdict) {
            case Verdict.Passed passed -> {
                if (reservation.decision() instanceof Decision.Denied denied) {
                    // Redis was back just now; what it let through is not sent, because others may still be on their
                    // shares. Its claim must not look like an attempt.
                    claim.ifPresent(this::withdrawLater);
                    return new Verdict.Denied(denied);
                }
                reservation.keep();
            }
            case Verdict.Denied(Decision.Denied denied) -> {
                reservation.giveBack();
                if (denied.cause() == Decision.Cause.PARK) {
                    share.park(denied.bucket(), denied.retryAfter());
                }
            }
            case Verdict.Taken taken -> reservation.giveBack();
        }
        return verdict;
    }

    private void withdrawLater(ClaimRequest claim) {
        if (!withdrawing.tryAcquire()) {
            return;
        }
        Thread.ofVirtual().name("sluice-withdrawing").start(() -> {
            try {
                long start = System.nanoTime();
                for (int attempt = 1; !closed && System.nanoTime() - start < WITHDRAW_FOR.toNanos(); attempt++) {
                    try {
                        redis.withdraw(claim);
                        return;
                    } catch (RedisUnavailableException e) {
                        if (!Pause.sleepUnlessInterrupted(WITHDRAW_AGAIN.delay(attempt, random))) {
                            return;
                        }
                    }
                }
            } finally {
                withdrawing.release();
            }
        });
    }

    @Override
    public void postpone(Acquisition acquisition, Decision.Allowed limits, Duration by) {
        if (share.isOutage()) {
            share.postpone(acquisition, limits, by);
        } else {
            redis.postpone(acquisition, limits, by);
        }
    }

    @Override
    public Optional<Claim> look(ClaimRequest claim) {
        try {
            return redis.look(claim);
        } catch (RedisUnavailableException e) {
            began(e);
            if (failure.keyed() == OnStoreFailure.CLOSED) {
                throw e;
            }
            return Optional.empty();
        }
    }

    @Override
    public boolean settle(Optional<Claimed> claim, Optional<Flood> flood) {
        flood.ifPresent(told -> {
            Bucket chat = Admission.parked(told).getFirst();
            share.park(chat, told.retryAfter());
        });
        return redis.settle(claim, flood);
    }

    @Override
    public void withdraw(ClaimRequest claim) {
        redis.withdraw(claim);
    }

    @Override
    public void handBack(ClaimRequest claim, StoredResult result, Duration keep) {
        redis.handBack(claim, result, keep);
    }

    @Override
    public boolean heartbeat(Fence fence, Duration lease) {
        return redis.heartbeat(fence, lease);
    }

    @Override
    public boolean awaitTwin(IdempotencyKey key, Duration max, CompletableFuture<?> unless)
            throws InterruptedException {
        return redis.awaitTwin(key, max, unless);
    }

    @Override
    public void close() {
        closed = true;
        redis.close();
    }

    /** @throws RedisUnavailableException the cause, if it says nothing about Redis: the thread was interrupted */
    private void began(RedisUnavailableException cause) {
        if (cause.reason() == Reason.INTERRUPTED) {
            throw cause;
        }
        if (share.outageBegan()) {
            failure.listener().outageBegan(cause);
        }
    }

    private void ended() {
        share.outageEnded().ifPresent(failure.listener()::outageEnded);
    }
}
