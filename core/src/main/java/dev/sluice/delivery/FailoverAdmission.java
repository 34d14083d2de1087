package dev.sluice.delivery;

import dev.sluice.delivery.Deliveries.StoreFailure;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Flood;
import dev.sluice.limit.LocalShare;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.queue.LanePlace;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * Redis decides as long as it can be asked. While it cannot, limits go on at this replica's share, and calls under a key
 * are refused, since only Redis knows whether they were sent. Other calls go on, but for repeats of what this process
 * itself has under way or was left without an answer to ({@link OwnAttempts}). Every decision asks Redis first, so its
 * first answer ends the outage; a breaker in the script runner makes asking cheap.
 *
 * <p>An admission whose answer was lost may have claimed: such a claim is taken back behind the scenes, so that a repeat
 * does not take it for an attempt.
 */
final class FailoverAdmission implements Admission {
    private final Admission redis;
    private final LocalShare share;
    private final StoreFailure failure;
    private final DecidedAlone alone;
    private final UnaryOperator<String> partOf;
    private final OwnAttempts own = new OwnAttempts();
    private final Withdrawals withdrawals;

    /**
     * @param alone hears of what is decided without Redis
     * @param partOf which part of Redis the buckets of a tag lie on
     */
    FailoverAdmission(
            Admission redis,
            LocalShare share,
            StoreFailure failure,
            DecidedAlone alone,
            UnaryOperator<String> partOf,
            RandomGenerator random) {
        this.redis = redis;
        this.share = share;
        this.failure = failure;
        this.alone = alone;
        this.partOf = partOf;
        this.withdrawals = new Withdrawals(redis::withdraw, random);
    }

    @Override
    public Verdict admit(
            Optional<ClaimRequest> claim, boolean mustClaim, Acquisition acquisition, Optional<LanePlace> place) {
        Optional<ClaimRequest> remembered = claim.filter(request -> goesOn(mustClaim));
        Optional<Claim> known = remembered.flatMap(own::look);
        if (known.isPresent()) {
            return new Verdict.Taken(known.get());
        }
        return askRedis(claim, mustClaim, acquisition, place);
    }

    /** Whether such a call is made without Redis too. */
    private boolean goesOn(boolean mustClaim) {
        return (mustClaim ? failure.keyed() : failure.unkeyed()) != OnStoreFailure.CLOSED;
    }

    private Verdict askRedis(
            Optional<ClaimRequest> claim, boolean mustClaim, Acquisition acquisition, Optional<LanePlace> place) {
        Optional<LocalShare.Reservation> reserved =
                share.isOutage() ? Optional.empty() : Optional.of(share.reserve(acquisition));
        if (reserved.isPresent() && reserved.get().decision() instanceof Decision.Denied denied) {
            return new Verdict.Denied(denied);
        }
        Verdict verdict;
        String part = partOf.apply(acquisition.tag());
        long asked = share.now();
        try {
            verdict = redis.admit(claim, mustClaim, acquisition, place);
        } catch (RedisUnavailableException e) {
            reserved.ifPresent(LocalShare.Reservation::giveBack);
            if (e.mayHaveRun()) {
                claim.ifPresent(withdrawals::later);
            }
            share.outageBegan(e, part, asked, failure.listener());
            return withoutRedis(claim, mustClaim, acquisition, e);
        }
        LocalShare.Reservation reservation = reserved.orElseGet(() -> {
            share.answered(part, verdict instanceof Verdict.Passed, failure.listener());
            return share.reserve(acquisition);
        });
        if (verdict instanceof Verdict.Passed passed) {
            share.heard(part, asked, passed.limits().at());
        }
        return reconciled(verdict, reservation, claim, mustClaim);
    }

    private Verdict withoutRedis(
            Optional<ClaimRequest> claim, boolean mustClaim, Acquisition acquisition, RedisUnavailableException cause) {
        if (!goesOn(mustClaim) || failure.limits() == OnStoreFailure.CLOSED) {
            throw cause;
        }
        Acquisition question = failure.limits() == OnStoreFailure.OPEN ? acquisition.overdrawing() : acquisition;
        alone.note(question);
        return own.admit(claim, () -> share.tryAcquire(question));
    }

    private Verdict reconciled(
            Verdict verdict, LocalShare.Reservation reservation, Optional<ClaimRequest> claim, boolean mustClaim) {
        switch (verdict) {
            case Verdict.Passed passed -> {
                Optional<Decision.Denied> denial = reservation.decision() instanceof Decision.Denied denied
                        ? Optional.of(denied)
                        : reservation.keep(passed.limits());
                if (denial.isPresent()) {
                    // Redis was back just now, or its clock jumped; what it let through is not sent, because others may
                    // still
                    // be on their shares. Its claim must not look like an attempt.
                    claim.ifPresent(withdrawals::later);
                    return new Verdict.Denied(denial.get());
                }
                if (goesOn(mustClaim)) {
                    passed.fence().ifPresent(fence -> own.began(claim.orElseThrow(), fence));
                }
            }
            case Verdict.Denied(Decision.Denied denied) -> {
                reservation.giveBack();
                if (denied.cause() == Decision.Cause.PARK) {
                    share.park(denied.bucket(), denied.retryAfter());
                }
            }
            case Verdict.Taken taken -> reservation.giveBack();
            case Verdict.Queued queued -> reservation.giveBack();
        }
        return verdict;
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
    public Optional<Verdict> look(ClaimRequest claim) {
        Optional<Claim> known = goesOn(true) ? own.look(claim) : Optional.empty();
        if (known.isPresent()) {
            return known.map(Verdict.Taken::new);
        }
        long asked = share.now();
        try {
            return redis.look(claim);
        } catch (RedisUnavailableException e) {
            share.outageBegan(e, partOf.apply(claim.key().tag()), asked, failure.listener());
            if (!goesOn(true)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    @Override
    public boolean settle(Optional<Claimed> claim, Optional<Flood> flood, Patience patience) {
        // Told once, however often it is tried to write it down.
        flood.filter(told -> patience == Patience.BRIEF).ifPresent(share::flooded);
        if (claim.isPresent()
                && own.settleAlone(claim.get().fence(), claim.get().settlement())) {
            return flood.isEmpty() || redis.settle(Optional.empty(), flood, patience);
        }
        boolean held;
        try {
            held = redis.settle(claim, flood, patience);
        } catch (RedisUnavailableException e) {
            claim.ifPresent(claimed -> own.unsettled(claimed.fence(), claimed.settlement()));
            throw e;
        }
        if (claim.isPresent()
                && !own.settled(claim.get().fence())
                && claim.get().settlement() instanceof Settlement.HandOver
                && goesOn(false)) {
            // A twin of this process took it while Redis could not be told: it is nobody else's.
            redis.settle(
                    Optional.of(new Claimed(claim.get().fence(), new Settlement.Release())),
                    Optional.empty(),
                    patience);
        }
        return held;
    }

    @Override
    public void withdraw(ClaimRequest claim) {
        redis.withdraw(claim);
    }

    @Override
    public void handBack(ClaimRequest claim, StoredResult result, Duration keep) {
        try {
            redis.handBack(claim, result, keep);
        } catch (RedisUnavailableException e) {
            if (!share.isOutage() || !goesOn(false)) {
                throw e;
            }
            // The next twin may come before Redis does.
            own.handBack(claim, result, keep);
            if (e.mayHaveRun()) {
                withdrawals.later(claim);
            }
        }
    }

    @Override
    public boolean heartbeat(Fence fence, Duration lease) {
        if (own.heartbeatAlone(fence, lease)) {
            return true;
        }
        own.heartbeat(fence, lease);
        return redis.heartbeat(fence, lease);
    }

    @Override
    public boolean awaitTwin(IdempotencyKey key, Duration max, CompletableFuture<?> unless)
            throws InterruptedException {
        long start = System.nanoTime();
        if (!own.awaitEnd(key, max, unless)) {
            return false;
        }
        try {
            return redis.awaitTwin(key, max.minusNanos(System.nanoTime() - start), unless);
        } catch (RedisUnavailableException e) {
            // The next admission says what becomes of this call without Redis.
            return true;
        }
    }

    @Override
    public void close() {
        withdrawals.close();
        redis.close();
    }
}
