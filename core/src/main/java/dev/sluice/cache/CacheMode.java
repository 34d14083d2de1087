package dev.sluice.cache;

/** Where a cache keeps its values. */
public enum CacheMode {
    /** In Redis, and copies of what was read in this process. */
    REDIS,
    /** In this process: other replicas load for themselves, and are not told of what is invalidated here. */
    LOCAL,
    /** Nowhere: each read loads. */
    OFF
}
