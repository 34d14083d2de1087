package dev.sluice.redis;

/**
 * Hears what was taken out of Sluice's keys because another program had written or cut it there, so that all else goes on. Called on the thread where
 * it happens, so an implementation must be thread-safe, quick and must not throw.
 */
@FunctionalInterface
public interface MendListener {
    MendListener NONE = (family, what, count) -> {};

    /**
     * @param family of the keys
     * @param what one of few words: what kind of thing it stood for
     * @param count how many, 1 or more
     */
    void mended(String family, String what, long count);
}
