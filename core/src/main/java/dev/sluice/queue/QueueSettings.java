package dev.sluice.queue;

import dev.sluice.limit.Learning;
import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.PrivacyLevels;
import dev.sluice.redis.MendListener;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How a queue works.
 *
 * @param bound how many messages one bot's queue holds, dead letters and unknown ones included, 1 or more
 * @param lease how long a claimed message may go without being settled or extended, 10 ms to 1 h
 * @param keep how long it is remembered what became of a message, and its key with it; zero to 31 days, zero forgets at once
 * @param retry when what failed is tried again
 * @param learning whether Telegram's 429 teaches a pace slower than the limits, and who hears of it
 * @param levels whose messages keep their content only until they end: what cannot be sent then is no dead letter but failed, and what is
 *     unknown cannot be sent again. Asked when a message is accepted. Of no meaning for a queue in memory
 * @param mending hears what another program had written into the queue's keys; of no meaning for a queue in memory
 */
public record QueueSettings(
        long bound,
        Duration lease,
        Duration keep,
        RetryPolicy retry,
        Learning learning,
        PrivacyLevels levels,
        MendListener mending) {
    /** Some 400 MB of Redis. */
    public static final long DEFAULT_BOUND = 1_000_000;

    /** Long enough for a pause of the process, short enough that its messages soon pass on. */
    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(5);

    /** A day in which results may be asked for. */
    public static final Duration DEFAULT_KEEP = Duration.ofHours(24);

    private static final Pattern USER = Pattern.compile("[1-9][0-9]{0,17}");

    public static final QueueSettings DEFAULT = new QueueSettings(
            DEFAULT_BOUND,
            DEFAULT_LEASE,
            DEFAULT_KEEP,
            RetryPolicy.DEFAULT,
            Learning.ON,
            PrivacyLevels.EVERYBODY_FULL,
            MendListener.NONE);

    public QueueSettings {
        if (bound < 1) {
            throw new IllegalArgumentException("a queue must hold 1 message at least, not " + bound);
        }
        requireLease(lease);
        if (keep.isNegative() || keep.compareTo(Duration.ofDays(31)) > 0) {
            throw new IllegalArgumentException("results are kept for zero to 31 days, not " + keep);
        }
    }

    static void requireLease(Duration lease) {
        if (lease.compareTo(Duration.ofMillis(10)) < 0 || lease.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("lease must be 10 ms to 1 h, not " + lease);
        }
    }

    static void requireUnused(Duration unused) {
        if (unused.compareTo(Duration.ofHours(1)) < 0 || unused.compareTo(Duration.ofDays(3650)) > 0) {
            throw new IllegalArgumentException("a queue must be unused for 1 h to 3650 days, not " + unused);
        }
    }

    public QueueSettings withBound(long newBound) {
        return new QueueSettings(newBound, lease, keep, retry, learning, levels, mending);
    }

    public QueueSettings withLease(Duration newLease) {
        return new QueueSettings(bound, newLease, keep, retry, learning, levels, mending);
    }

    public QueueSettings withKeep(Duration newKeep) {
        return new QueueSettings(bound, lease, newKeep, retry, learning, levels, mending);
    }

    public QueueSettings withRetry(RetryPolicy newRetry) {
        return new QueueSettings(bound, lease, keep, newRetry, learning, levels, mending);
    }

    public QueueSettings withLearning(Learning newLearning) {
        return new QueueSettings(bound, lease, keep, retry, newLearning, levels, mending);
    }

    public QueueSettings withLevels(PrivacyLevels newLevels) {
        return new QueueSettings(bound, lease, keep, retry, learning, newLevels, mending);
    }

    public QueueSettings withMending(MendListener newMending) {
        return new QueueSettings(bound, lease, keep, retry, learning, levels, newMending);
    }

    /** Whether what is kept for a lane is kept only until it ends. */
    boolean isEphemeral(String lane) {
        return USER.matcher(lane).matches() && levels.of(Long.parseLong(lane)) == PrivacyLevel.NONE;
    }
}
