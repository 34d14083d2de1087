package dev.sluice.cache;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The cache of {@link CacheMode#OFF}: each read loads, on the thread that reads. Thread-safe. */
final class PassThroughCache<V> implements Cache<V> {
    private final CacheSettings settings;
    private final CacheCounters counters = new CacheCounters();

    PassThroughCache(CacheSettings settings) {
        this.settings = settings;
    }

    @Override
    public Optional<V> get(CacheKey key, Loader<V> loader) throws InterruptedException {
        return loaded(loader::load);
    }

    @Override
    public Map<CacheKey, V> getAll(Collection<CacheKey> keys, BulkLoader<V> loader) throws InterruptedException {
        List<CacheKey> each = List.copyOf(new LinkedHashSet<>(keys));
        return each.isEmpty() ? Map.of() : loaded(() -> loader.load(each));
    }

    @Override
    public boolean put(CacheKey key, V value) {
        return true;
    }

    @Override
    public boolean invalidate(CacheKey key) {
        return true;
    }

    @Override
    public CacheSettings settings() {
        return settings;
    }

    @Override
    public CacheStatistics statistics() {
        return counters.now(0);
    }

    private interface Load<T> {
        T load() throws Exception;
    }

    private <T> T loaded(Load<T> load) throws InterruptedException {
        counters.loads.increment();
        try {
            T value = load.load();
            counters.misses.increment();
            return value;
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            counters.failedLoads.increment();
            counters.errors.increment();
            throw LoadFailedException.of(settings, e);
        }
    }
}
