package dev.sluice.retrieval;

import dev.sluice.cache.Cache;
import dev.sluice.cache.CacheCodec;
import dev.sluice.cache.CacheKey;
import dev.sluice.cache.CacheMode;
import dev.sluice.cache.Caches;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A search that is asked once for the same text and parameters. Thread-safe; what it returns is shared and must not be changed.
 *
 * @param <R> of what is found
 */
public final class CachedRetriever<R> implements Retriever<R> {
    private final Cache<R> cache;
    private final RetrievalScope scope;
    private final Retriever<R> retriever;

    private CachedRetriever(Cache<R> cache, RetrievalScope scope, Retriever<R> retriever) {
        this.cache = cache;
        this.scope = scope;
        this.retriever = retriever;
    }

    /**
     * A cache of what is found, for any number of scopes; one for each {@code Caches}.
     *
     * @param ttl {@link RetrievalCache#DEFAULT_TTL}, or from 1 ms to 31 days
     */
    public static <R> Cache<R> cache(Caches caches, CacheMode mode, Duration ttl, CacheCodec<R> codec) {
        return caches.open(RetrievalCache.settings("retrieval", mode, ttl), codec);
    }

    /** @param cache from {@link #cache} */
    public static <R> CachedRetriever<R> around(Retriever<R> retriever, RetrievalScope scope, Cache<R> cache) {
        return new CachedRetriever<>(cache, scope, retriever);
    }

    /** @throws dev.sluice.cache.LoadFailedException if the search fails, or takes longer than 30 s */
    @Override
    public R retrieve(String text, Map<String, String> parameters) throws InterruptedException {
        return cache.get(key(text, parameters), () -> Optional.of(retriever.retrieve(text, parameters)))
                .orElseThrow();
    }

    private CacheKey key(String text, Map<String, String> parameters) {
        var texts = new ArrayList<String>();
        texts.add(text);
        new TreeMap<>(parameters).forEach((name, value) -> {
            texts.add(name);
            texts.add(value);
        });
        return scope.key("retrieval", texts);
    }
}
