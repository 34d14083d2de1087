package dev.sluice.cache;

/** Under which names caches lie in Redis; processes listen to all of them. */
public enum CacheFamily {
    CACHE("cache"),
    ACCESS_STATE("access_state"),
    RAG("rag_cache");

    private final String word;

    CacheFamily(String word) {
        this.word = word;
    }

    /** As it stands in keys. */
    public String word() {
        return word;
    }
}
