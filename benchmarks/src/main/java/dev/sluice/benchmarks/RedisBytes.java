package dev.sluice.benchmarks;

import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.ClaimRequest.Abandoned;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.idempotency.IdempotencyGuard;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.RedisIdempotencyGuard;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.BucketScript;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Limit;
import dev.sluice.limit.RateLimiters;
import dev.sluice.redis.KeySpace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** How much of Redis' memory each kind of key takes: as Redis says, and by what its memory grows for ten thousand of them. */
final class RedisBytes {
    private static final int KEYS = 10_000;
    private static final int CALLERS = 16;

    /** Longer than the measurement, so that nothing expires meanwhile; a span does not change a bucket's size. */
    private static final Duration SPAN = Duration.ofMinutes(10);

    /** About a sendMessage's answer. */
    private static final int RESULT_BYTES = 400;

    private static final String TAG = "1234567890";
    private static final Fingerprint CONTENT = Fingerprint.of(new byte[] {1});

    private final BenchmarkRedis redis;
    private final List<Figure> figures = new ArrayList<>();

    RedisBytes(BenchmarkRedis redis) {
        this.redis = redis;
    }

    Section measure() throws Exception {
        figures.clear();
        addBucket("chat bucket: 1 of 1", Limit.atMost(1, SPAN), 1);
        addBucket("group bucket: 20 of 20", Limit.atMost(20, SPAN), 20);
        addBucket("bot bucket: 30 of 30", Limit.atMost(30, SPAN), 30);
        addBucket("smooth bucket (GCRA)", Limit.smooth(20, Duration.ofSeconds(30)), 20);
        addClaim("claim in progress", false);
        addClaim("claim with a result of " + RESULT_BYTES + " bytes", true);
        redis.forgetEverything();
        return new Section(
                "Bytes in Redis",
                "MEMORY USAGE of one key, and the growth of used_memory over " + KEYS
                        + " keys, key names and expiries included",
                List.copyOf(figures));
    }

    private void addBucket(String name, Limit limit, int weight) throws Exception {
        var limiter = RateLimiters.onRedis(redis.store(), KeySpace.DEFAULT);
        add(name, i -> {
            var bucket = new Bucket(TAG, "chat", Integer.toString(1_000_000_000 + i));
            limiter.tryAcquire(Acquisition.of(new Charge(bucket, limit, weight)));
            return BucketScript.key(bucket, KeySpace.DEFAULT);
        });
    }

    private void addClaim(String name, boolean settled) throws Exception {
        var guard = new RedisIdempotencyGuard(redis.store(), KeySpace.DEFAULT);
        add(name, i -> {
            var key = IdempotencyKey.derived(TAG, "sendmessage", Integer.toString(i));
            var claim = guard.claim(new ClaimRequest(key, CONTENT, SPAN, new Abandoned.BecomesUnknown(SPAN)));
            if (!(claim instanceof Claim.New(var fence))) {
                throw new IllegalStateException("a claim of a fresh key is " + claim);
            }
            if (settled) {
                var result = new StoredResult(new byte[RESULT_BYTES]);
                guard.settle(fence, new Settlement.Complete(result, IdempotencyGuard.DEFAULT_KEEP));
            }
            return key.key(KeySpace.DEFAULT);
        });
    }

    /** @param write writes the i-th key and says its name */
    private void add(String name, IntFunction<String> write) throws Exception {
        redis.forgetEverything();
        String sample = write.apply(-1);
        Long usage = redis.bare().sync().memoryUsage(sample);
        if (usage == null) {
            throw new IllegalStateException("nothing was written for " + name);
        }
        long before = redis.usedMemory();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var writers = new ArrayList<Future<?>>();
            for (int caller = 0; caller < CALLERS; caller++) {
                int first = caller;
                writers.add(threads.submit(() -> {
                    for (int i = first; i < KEYS; i += CALLERS) {
                        var unused = write.apply(i);
                    }
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        }
        double grown = (double) (redis.usedMemory() - before) / KEYS;
        figures.add(Figure.of(name + ", MEMORY USAGE", "bytes", List.of((double) usage)));
        figures.add(Figure.of(name + ", growth per key", "bytes", List.of(grown)));
    }
}
