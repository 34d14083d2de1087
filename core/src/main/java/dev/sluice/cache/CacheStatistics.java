package dev.sluice.cache;

/**
 * What became of those who asked, since the start: each is in one of the first six numbers.
 *
 * @param localHits got a value that this process kept
 * @param redisHits got a value that Redis kept
 * @param negatives got to know from either that there is none
 * @param misses got what was just loaded, by them or by others
 * @param stale got an old value, since none could be loaded
 * @param errors got an exception
 * @param waited of all these: waited for what others were at
 * @param loads times that a loader ran
 * @param failedLoads of these: failed, or took too long
 * @param refreshes of these: before the value had ended, behind everybody's back
 * @param refused loaded values that Redis did not take: something newer was there, or their lease had passed on
 * @param invalidations of keys, here or heard of from others
 * @param storeFailures times that Redis was not reached
 * @param localEntries how many values this process keeps now
 */
public record CacheStatistics(
        long localHits,
        long redisHits,
        long negatives,
        long misses,
        long stale,
        long errors,
        long waited,
        long loads,
        long failedLoads,
        long refreshes,
        long refused,
        long invalidations,
        long storeFailures,
        long localEntries) {}
