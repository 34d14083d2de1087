package dev.sluice.retrieval;

import dev.sluice.cache.CacheFamily;
import dev.sluice.cache.CacheMode;
import dev.sluice.cache.CacheSettings;
import java.time.Duration;

/** How what was found, and vectors, are cached. */
public final class RetrievalCache {
    /** The source documents' choice, between 2 and 10 minutes: documents change, and short questions come again soon. */
    public static final Duration DEFAULT_TTL = Duration.ofMinutes(5);

    /** A model that is asked for many vectors may take its time. */
    private static final Duration WITHIN = Duration.ofSeconds(30);

    /** The source documents' cache of what was retrieved, for programs that cache it themselves. */
    public static final CacheSettings RAG = settings("rag", CacheMode.REDIS, DEFAULT_TTL);

    private RetrievalCache() {}

    static CacheSettings settings(String name, CacheMode mode, Duration ttl) {
        return CacheSettings.of(name, ttl)
                .withFamily(CacheFamily.RAG)
                .withMode(mode)
                .withWithin(WITHIN)
                .withSealed(true);
    }
}
