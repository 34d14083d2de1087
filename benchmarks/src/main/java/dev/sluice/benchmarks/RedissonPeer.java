package dev.sluice.benchmarks;

import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Charge;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.redisson.Redisson;
import org.redisson.api.RRateLimiter;
import org.redisson.api.RateType;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/**
 * Redisson's rate limiter as it comes: its own pool (24 to 64 connections), scripts by their digest. A limiter must be told its
 * rate before it is asked; like a careful application this one remembers whom it has told, so that it costs nothing twice.
 */
final class RedissonPeer implements Peer {
    private final RedissonClient redisson;
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    RedissonPeer(BenchmarkRedis redis) {
        var config = new Config();
        config.setUseScriptCache(true);
        config.useSingleServer().setAddress(redis.url());
        this.redisson = Redisson.create(config);
    }

    static String version() {
        return String.valueOf(Redisson.class.getPackage().getImplementationVersion());
    }

    @Override
    public boolean tryAcquire(Acquisition acquisition) {
        var taken = new ArrayList<RRateLimiter>(acquisition.charges().size());
        for (Charge charge : acquisition.charges()) {
            RRateLimiter limiter = limiter(charge);
            if (!limiter.tryAcquire(charge.weight())) {
                taken.forEach(earlier -> earlier.release(charge.weight()));
                return false;
            }
            taken.add(limiter);
        }
        return true;
    }

    /** The limiter of a bucket, which knows its rate from now on. */
    RRateLimiter limiter(Charge charge) {
        String name = "redisson:" + PeerDecisions.name(charge.bucket());
        RRateLimiter limiter = redisson.getRateLimiter(name);
        if (told.add(name)) {
            var unused = limiter.trySetRate(
                    RateType.OVERALL, charge.limit().capacity(), PeerDecisions.window(charge.limit()));
        }
        return limiter;
    }

    @Override
    public void close() {
        redisson.shutdown();
    }
}
