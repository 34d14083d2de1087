package dev.sluice.limit;

import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.redis.RedisUnavailableException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A shared limiter as one replica reaches it: the way there can be cut. */
final class BreakableLimiter implements RateLimiter {
    private final RateLimiter shared;
    private Optional<Reason> failing = Optional.empty();

    BreakableLimiter(RateLimiter shared) {
        this.shared = shared;
    }

    void cut(boolean isCut) {
        failing = isCut ? Optional.of(Reason.NOT_CONNECTED) : Optional.empty();
    }

    /** Everything fails for that reason, until {@link #cut} says otherwise. */
    void refuse(Reason reason) {
        failing = Optional.of(reason);
    }

    @Override
    public Decision tryAcquire(Acquisition acquisition) {
        return reached().tryAcquire(acquisition);
    }

    @Override
    public void postpone(Acquisition acquisition, Decision.Allowed admission, Duration by) {
        reached().postpone(acquisition, admission, by);
    }

    @Override
    public void park(Bucket bucket, Duration duration) {
        reached().park(bucket, duration);
    }

    @Override
    public Floods.Told flooded(Flood flood) {
        return reached().flooded(flood);
    }

    @Override
    public boolean forgetLearned(Bucket bucket) {
        return reached().forgetLearned(bucket);
    }

    @Override
    public BucketStatistics statistics(Bucket bucket, Limit limit) {
        return reached().statistics(bucket, limit);
    }

    private RateLimiter reached() {
        failing.ifPresent(reason -> {
            throw new RedisUnavailableException(reason, "cut", false, new IOException("cut"));
        });
        return shared;
    }
}
