package dev.sluice.job;

import dev.sluice.SteadyClock;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Who runs what, how far it is, and how it ended. Thread-safe; may block.
 *
 * <p>Guarantees: of any number of processes that start a job under one id, one runs it, until it ends or is silent for longer than it said;
 * a run that was taken for dead and started anew changes nothing of its successor; counters lose no addition and count none twice, unless
 * one whose answer was lost is repeated; a job is kept for its time from when it was last heard of. It says what happens and makes nothing
 * happen: a job that must never run twice at a time runs under a {@linkplain dev.sluice.lock lock} with its fence.
 *
 * <p>On Redis every method may throw {@link dev.sluice.redis.RedisUnavailableException}, which says whether it may have been done. A start
 * whose answer was lost leaves a job that is dead after its silence; the same end may be said again.
 */
public interface Jobs {
    /** As {@code REDIS_TTL_JOB}: long enough to look at what ran during lunch. */
    Duration USUAL_KEEP = Duration.ofHours(2);

    Duration SHORTEST_KEEP = Duration.ofSeconds(1);
    Duration LONGEST_KEEP = Duration.ofDays(31);

    /** The longest part of a list. */
    int LARGEST_PAGE = 200;

    /** @throws TooManyJobsException if there is no room */
    JobStart start(NewJob job);

    /**
     * Hears of a job.
     *
     * @return false if this run has ended, was started anew by somebody else, or is forgotten
     * @throws IllegalArgumentException if it had more than {@link JobUpdate#MOST_COUNTERS} counters then, or one beyond
     *     {@link JobUpdate#GREATEST}; nothing is changed
     */
    boolean update(JobRun run, JobUpdate update);

    /**
     * Writes down how a job ended.
     *
     * @return false if this run ended otherwise, was started anew by somebody else, or is forgotten
     */
    boolean end(JobRun run, JobEnd end);

    /** @param id 1-64 of {@code A-Z a-z 0-9 _ -} */
    Optional<Job> find(String id);

    /**
     * Lists jobs, those that began last first.
     *
     * @param before the {@link JobPage#next} of the part before; empty for the first
     * @param most 1 to {@link #LARGEST_PAGE}
     */
    JobPage list(JobFilter filter, OptionalLong before, int most);

    /** For one process, until it ends. */
    static Jobs inMemory(Duration keep) {
        return inMemory(keep, SteadyClock.micros());
    }

    /**
     * For one process, until it ends; holds up to 10,000.
     *
     * @param keep 1 s to 31 days
     * @param microClock microseconds since 1970
     */
    static Jobs inMemory(Duration keep, LongSupplier microClock) {
        return new InMemoryJobs(keep, microClock, InMemoryJobs.MOST_JOBS, new SecureRandom());
    }

    /**
     * Shared by all processes on one Redis, by its clock; up to 100,000.
     *
     * @param keep 1 s to 31 days
     */
    static Jobs onRedis(ScriptRunner redis, KeySpace keys, Duration keep) {
        return new RedisJobs(redis, keys, keep, RedisJobs.MOST_JOBS, new SecureRandom());
    }

    /** @throws IllegalArgumentException if it is none */
    static void requireKeep(Duration keep) {
        if (keep.compareTo(SHORTEST_KEEP) < 0 || keep.compareTo(LONGEST_KEEP) > 0) {
            throw new IllegalArgumentException("a job must be kept for 1 s to 31 days, not " + keep);
        }
    }

    /** @throws IllegalArgumentException if it is none */
    static void requirePage(int most) {
        if (most < 1 || most > LARGEST_PAGE) {
            throw new IllegalArgumentException("a page must be 1 to " + LARGEST_PAGE + " jobs, not " + most);
        }
    }
}
