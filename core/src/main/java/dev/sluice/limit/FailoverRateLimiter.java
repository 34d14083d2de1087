package dev.sluice.limit;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Redis decides as long as it can be asked; else what the policy says. Every decision asks Redis first, so the first
 * answer ends the outage, or where Redis refused to write the first admission: whoever wants not to wait for a deadline each time
 * puts a breaker into the script runner.
 */
final class FailoverRateLimiter implements RateLimiter {
    private final RateLimiter redis;
    private final LocalShare share;
    private final OnStoreFailure policy;
    private final OutageListener listener;
    private final UnaryOperator<String> partOf;

    /** @param partOf which part of Redis the buckets of a tag lie on */
    FailoverRateLimiter(
            RateLimiter redis,
            LocalShare share,
            OnStoreFailure policy,
            OutageListener listener,
            UnaryOperator<String> partOf) {
        this.redis = redis;
        this.share = share;
        this.policy = policy;
        this.listener = listener;
        this.partOf = partOf;
    }

    @Override
    public Decision tryAcquire(Acquisition acquisition) {
        if (policy == OnStoreFailure.CLOSED) {
            return orClosed(acquisition);
        }
        // During an outage Redis is asked first, or nobody would ever find it back.
        LocalShare.Reservation reservation = null;
        if (!share.isOutage()) {
            reservation = share.reserve(acquisition);
            if (reservation.decision() instanceof Denied denied) {
                return denied;
            }
        }
        Decision decision;
        long asked = share.now();
        try {
            decision = redis.tryAcquire(acquisition);
        } catch (RedisUnavailableException e) {
            if (reservation != null) {
                reservation.giveBack();
            }
            share.outageBegan(e, listener);
            return share.tryAcquire(policy == OnStoreFailure.OPEN ? acquisition.overdrawing() : acquisition);
        }
        if (reservation == null) {
            share.answered(decision instanceof Allowed, listener);
            reservation = share.reserve(acquisition);
        }
        return settle(acquisition, asked, decision, reservation);
    }

    /** Nobody spends anything while Redis is away, so there is no share to ask; only after a jump of its clock. */
    private Decision orClosed(Acquisition acquisition) {
        LocalShare.Reservation reservation = share.reserveAfterJump(acquisition);
        if (reservation.decision() instanceof Denied denied) {
            return denied;
        }
        long asked = share.now();
        Decision decision;
        try {
            decision = orFail(() -> redis.tryAcquire(acquisition), Allowed.class::isInstance);
        } catch (RedisUnavailableException e) {
            reservation.giveBack();
            throw e;
        }
        return settle(acquisition, asked, decision, reservation);
    }

    private Decision settle(
            Acquisition acquisition, long asked, Decision redisSays, LocalShare.Reservation reservation) {
        switch (redisSays) {
            case Allowed allowed -> {
                if (reservation.decision() instanceof Denied denied) {
                    return denied;
                }
                share.heard(partOf.apply(acquisition.tag()), asked, allowed.at());
                Optional<Denied> after = reservation.keep(allowed);
                return after.isPresent() ? after.get() : allowed;
            }
            case Denied denied -> {
                reservation.giveBack();
                if (denied.cause() == Cause.PARK) {
                    share.park(denied.bucket(), denied.retryAfter());
                }
                return denied;
            }
        }
    }

    /** @param written which answers mean that Redis wrote something that a full memory would have refused */
    private <T> T orFail(Supplier<T> question, Predicate<T> written) {
        T answer;
        try {
            answer = question.get();
        } catch (RedisUnavailableException e) {
            share.outageBegan(e, listener);
            throw e;
        }
        share.answered(written.test(answer), listener);
        return answer;
    }

    @Override
    public void postpone(Acquisition acquisition, Allowed admission, Duration by) {
        if (share.isOutage()) {
            share.postpone(acquisition, admission, by);
            return;
        }
        try {
            redis.postpone(acquisition, admission, by);
        } catch (RedisUnavailableException e) {
            share.outageBegan(e, listener);
            if (policy == OnStoreFailure.CLOSED) {
                throw e;
            }
        }
    }

    @Override
    public void park(Bucket bucket, Duration duration) {
        share.park(bucket, duration);
        try {
            orFail(
                    () -> {
                        redis.park(bucket, duration);
                        return bucket;
                    },
                    parked -> false);
        } catch (RedisUnavailableException e) {
            if (policy == OnStoreFailure.CLOSED) {
                throw e;
            }
        }
    }

    @Override
    public Floods.Told flooded(Flood flood) {
        Floods.Told local = share.flooded(flood);
        try {
            return orFail(() -> redis.flooded(flood), told -> false);
        } catch (RedisUnavailableException e) {
            if (policy == OnStoreFailure.CLOSED) {
                throw e;
            }
            return local;
        }
    }

    @Override
    public boolean forgetLearned(Bucket bucket) {
        boolean local = share.forgetLearned(bucket);
        return orFail(() -> redis.forgetLearned(bucket), forgot -> false) || local;
    }

    @Override
    public BucketStatistics statistics(Bucket bucket, Limit limit) {
        try {
            return orFail(() -> redis.statistics(bucket, limit), found -> false);
        } catch (RedisUnavailableException e) {
            if (policy == OnStoreFailure.CLOSED) {
                throw e;
            }
            return share.statistics(bucket, limit);
        }
    }
}
