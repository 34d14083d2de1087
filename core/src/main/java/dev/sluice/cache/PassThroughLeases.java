package dev.sluice.cache;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Of {@link CacheMode#OFF}: whoever asks loads, and nothing is kept. Thread-safe. */
final class PassThroughLeases<V> implements LeasedCache<V> {
    private final PassThroughCache<V> cache;

    PassThroughLeases(PassThroughCache<V> cache) {
        this.cache = cache;
    }

    @Override
    public LeasedAnswer<V> ask(CacheKey key, Duration wait, boolean early, CompletableFuture<?> gone) {
        cache.countLoadElsewhere();
        return new LeasedAnswer.Load<>(Optional.empty(), Optional.empty());
    }

    /** Nobody has a lease. */
    @Override
    public FillAnswer fill(CacheKey key, String lease, Optional<V> value) {
        return FillAnswer.REFUSED;
    }

    @Override
    public FillAnswer renew(CacheKey key, String lease) {
        return FillAnswer.REFUSED;
    }

    @Override
    public void fail(CacheKey key, String lease) {
        // Nobody waits for it.
    }

    @Override
    public Cache<V> cache() {
        return cache;
    }
}
