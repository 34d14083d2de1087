package dev.sluice.queue;

import dev.sluice.telegram.Priority;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A bot's queue in numbers, all from counters. At every moment
 * {@code accepted = sent + failed + unknown + pending}.
 *
 * @param accepted how many were {@link Enqueued.Added} since the queue exists
 * @param sent how many of them Telegram has
 * @param failed how many will not be sent, by class; every class is there
 * @param unknown how many Telegram may have
 * @param delayed how many wait for their time
 * @param vip how many of VIPs are in their lanes, those that are leased or retrying included
 * @param depth the same for the others, by priority; every priority is there
 * @param leased how many of those are being sent
 * @param retrying how many of {@code vip} and {@code depth} wait for another attempt, by priority, VIPs' as high; every priority
 *     is there
 * @param dead how many of the failed are dead letters
 * @param bound how many pending, dead and unknown messages there may be
 * @param botPaused whether all of the bot is paused
 * @param pausedPriorities which priorities are
 * @param pausedChats how many chats are
 * @param oldest when the oldest of those in lanes was accepted; in a large queue of those that were looked at
 */
public record QueueStatistics(
        long accepted,
        long sent,
        Map<FailureClass, Long> failed,
        long unknown,
        long delayed,
        long vip,
        Map<Priority, Long> depth,
        long leased,
        Map<Priority, Long> retrying,
        long dead,
        long bound,
        boolean botPaused,
        Set<Priority> pausedPriorities,
        long pausedChats,
        Optional<Instant> oldest) {

    public QueueStatistics {
        failed = Map.copyOf(failed);
        depth = Map.copyOf(depth);
        retrying = Map.copyOf(retrying);
        pausedPriorities = Set.copyOf(pausedPriorities);
    }

    /** How many are neither sent, failed nor unknown. */
    public long pending() {
        return delayed
                + vip
                + depth.values().stream().mapToLong(Long::longValue).sum();
    }

    /** How many wait for another attempt in all. */
    public long retryingInAll() {
        return retrying.values().stream().mapToLong(Long::longValue).sum();
    }

    /** How many failed in all. */
    public long failedInAll() {
        return failed.values().stream().mapToLong(Long::longValue).sum();
    }
}
