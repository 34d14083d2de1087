package dev.sluice.cache;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Flights that load together: the loader runs once each of them knows whether it is to load, for those that are. One that is to load
 * only later, since another replica died over it, loads alone. Thread-safe.
 */
final class Batch<V> {
    private final Cache.BulkLoader<V> loader;
    private final Set<CacheKey> undecided;
    private final Set<CacheKey> wanted = new LinkedHashSet<>();
    private final CompletableFuture<Map<CacheKey, V>> loaded = new CompletableFuture<>();
    private boolean closed;
    private @Nullable Thread loading;

    Batch(Cache.BulkLoader<V> loader, Collection<CacheKey> keys) {
        this.loader = loader;
        this.undecided = new HashSet<>(keys);
    }

    /** For one flight, which is to load. */
    Optional<V> load(CacheKey key) throws Exception {
        if (!joins(key)) {
            return Optional.ofNullable(loader.load(List.of(key)).get(key));
        }
        decided(key);
        try {
            return Optional.ofNullable(loaded.get().get(key));
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (InterruptedException e) {
            // They all began together, so their time is over together.
            interrupt();
            throw e;
        }
    }

    /** One flight is not to load, or has said before that it is. */
    synchronized void decided(CacheKey key) {
        undecided.remove(key);
        if (undecided.isEmpty() && !closed) {
            closed = true;
            if (!wanted.isEmpty()) {
                loading = Thread.ofVirtual().name("sluice-cache-load").start(this::loadWanted);
            }
        }
    }

    private synchronized boolean joins(CacheKey key) {
        return !closed && wanted.add(key);
    }

    private synchronized void interrupt() {
        if (loading != null) {
            loading.interrupt();
        }
    }

    private void loadWanted() {
        try {
            loaded.complete(loader.load(List.copyOf(wanted)));
        } catch (Exception | Error e) {
            loaded.completeExceptionally(e);
        }
    }
}
