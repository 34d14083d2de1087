package dev.sluice.cache;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** The cache of {@link CacheMode#OFF}: each read loads. Thread-safe. */
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
    public void forgetHere(CacheKey key) {
        // Nothing is kept.
    }

    @Override
    public void forgetHere(Predicate<CacheKey> which) {
        // Likewise.
    }

    @Override
    public void forgetAllHere() {
        // Likewise.
    }

    @Override
    public CacheSettings settings() {
        return settings;
    }

    @Override
    public CacheStatistics statistics() {
        return counters.now(0);
    }

    /** Whoever asked loads for itself. */
    void countLoadElsewhere() {
        counters.loads.increment();
        counters.misses.increment();
    }

    private <T> T loaded(Callable<T> load) throws InterruptedException {
        counters.loads.increment();
        var task = new FutureTask<>(() -> Objects.requireNonNull(load.call(), Flight.NO_NULL));
        // On a thread of its own, which can be left behind.
        Thread thread = Thread.ofVirtual().name("sluice-cache-load").start(task);
        try {
            T value = task.get(TimeUnit.NANOSECONDS.convert(settings.within()), TimeUnit.NANOSECONDS);
            counters.misses.increment();
            return value;
        } catch (TimeoutException e) {
            throw failed(LoadFailedException.late(settings));
        } catch (ExecutionException e) {
            throw failed(LoadFailedException.of(settings, e.getCause()));
        } finally {
            thread.interrupt();
        }
    }

    private LoadFailedException failed(LoadFailedException failed) {
        counters.failedLoads.increment();
        counters.errors.increment();
        return failed;
    }
}
