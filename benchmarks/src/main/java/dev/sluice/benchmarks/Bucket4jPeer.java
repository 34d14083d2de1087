package dev.sluice.benchmarks;

import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Limit;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ProxyManager;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bucket4j on Lettuce, set up as its reference does it: compare-and-swap, keys that expire once they are full again. Its
 * connection is set up as Sluice's.
 */
final class Bucket4jPeer implements Peer {
    private static final Duration KEEP = Duration.ofSeconds(10);

    private final StatefulRedisConnection<String, byte[]> connection;
    private final ProxyManager<String> buckets;
    private final Map<Limit, BucketConfiguration> configurations = new ConcurrentHashMap<>();

    Bucket4jPeer(BenchmarkRedis redis) {
        this.connection = redis.connectForBytes();
        this.buckets = Bucket4jLettuce.casBasedBuilder(connection)
                .expirationAfterWrite(ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(KEEP))
                .build();
    }

    static String version() {
        return String.valueOf(BucketProxy.class.getPackage().getImplementationVersion());
    }

    @Override
    public boolean tryAcquire(Acquisition acquisition) {
        var taken = new ArrayList<Bucket>(acquisition.charges().size());
        for (Charge charge : acquisition.charges()) {
            var configuration = configurations.computeIfAbsent(charge.limit(), Bucket4jPeer::configuration);
            Bucket bucket = buckets.getProxy("bucket4j:" + PeerDecisions.name(charge.bucket()), () -> configuration);
            if (!bucket.tryConsume(charge.weight())) {
                taken.forEach(earlier -> earlier.addTokens(charge.weight()));
                return false;
            }
            taken.add(bucket);
        }
        return true;
    }

    /** One bucket whose concurrent callers share a round of compare-and-swap, which is what {@code batching()} is for. */
    Bucket batching(String name, Limit limit) {
        BucketConfiguration configuration = configuration(limit);
        return buckets.builder()
                .withOptimization(Optimizations.batching())
                .build("bucket4j:batching:" + name, () -> configuration);
    }

    @Override
    public void close() {
        connection.close();
    }

    private static BucketConfiguration configuration(Limit limit) {
        int count = limit.capacity();
        return BucketConfiguration.builder()
                .addLimit(rate -> rate.capacity(count).refillGreedy(count, PeerDecisions.window(limit)))
                .build();
    }
}
