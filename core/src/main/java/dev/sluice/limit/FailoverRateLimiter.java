package dev.sluice.limit;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Redis decides as long as it can be asked; else what the policy says. Every decision asks Redis first, so the first
 * answer ends the outage: whoever wants not to wait for a deadline each time puts a breaker into the script runner.
 */
final class FailoverRateLimiter implements RateLimiter {
    private final RateLimiter redis;
    private final LocalShare share;
    private final OnStoreFailure policy;
    private final OutageListener listener;

    FailoverRateLimiter(RateLimiter redis, LocalShare share, OnStoreFailure policy, OutageListener listener) {
        this.redis = redis;
        this.share = share;
        this.policy = policy;
        this.listener = listener;
    }

    @Override
    public Decision tryAcquire(Acquisition acquisition) {
        if (policy == OnStoreFailure.CLOSED) {
            // Nobody spends anything while Redis is away, so there is no share to ask.
            return orFail(() -> redis.tryAcquire(acquisition));
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
            share.outageEnded(listener);
            reservation = share.reserve(acquisition);
        }
        return settle(decision, reservation);
    }

    private Decision settle(Decision redisSays, LocalShare.Reservation reservation) {
        switch (redisSays) {
            case Allowed allowed -> {
                if (reservation.decision() instanceof Denied denied) {
                    return denied;
                }
                reservation.keep();
                return allowed;
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

    private <T> T orFail(Supplier<T> question) {
        T answer;
        try {
            answer = question.get();
        } catch (RedisUnavailableException e) {
            share.outageBegan(e, listener);
            throw e;
        }
        share.outageEnded(listener);
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
            orFail(() -> {
                redis.park(bucket, duration);
                return bucket;
            });
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
            return orFail(() -> redis.flooded(flood));
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
        return orFail(() -> redis.forgetLearned(bucket)) || local;
    }

    @Override
    public BucketStatistics statistics(Bucket bucket, Limit limit) {
        try {
            return orFail(() -> redis.statistics(bucket, limit));
        } catch (RedisUnavailableException e) {
            if (policy == OnStoreFailure.CLOSED) {
                throw e;
            }
            return share.statistics(bucket, limit);
        }
    }
}
