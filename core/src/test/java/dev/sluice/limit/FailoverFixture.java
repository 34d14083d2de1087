package dev.sluice.limit;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A store that can be broken, and replicas that go on without it. */
abstract class FailoverFixture {
    static final Duration SECOND = Duration.ofSeconds(1);
    static final Bucket BOT = new Bucket("1", "bot", "1");
    static final Limit THIRTY = Limit.atMost(30, SECOND);
    static final Acquisition ONE = Acquisition.of(new Charge(BOT, THIRTY, 1));

    final SettableMicros clock = new SettableMicros();
    final InMemoryRateLimiter redis = new InMemoryRateLimiter(clock);
    final BreakableLimiter way = new BreakableLimiter(redis);
    final List<String> told = new ArrayList<>();

    final FailoverRateLimiter replica(int replicas, OnStoreFailure policy) {
        return new FailoverRateLimiter(way, new LocalShare(() -> replicas, clock), policy, listener(), tag -> "redis");
    }

    final OutageListener listener() {
        return new OutageListener() {
            @Override
            public void outageBegan(RedisUnavailableException cause) {
                told.add("began");
            }

            @Override
            public void outageEnded(Duration lasted) {
                told.add("ended after " + lasted);
            }
        };
    }

    static int passing(RateLimiter limiter, int attempts) {
        int passed = 0;
        for (int i = 0; i < attempts; i++) {
            passed += limiter.tryAcquire(ONE) instanceof Allowed ? 1 : 0;
        }
        return passed;
    }

    static RedisUnavailableException gone() {
        return new RedisUnavailableException("gone", false, null);
    }
}
