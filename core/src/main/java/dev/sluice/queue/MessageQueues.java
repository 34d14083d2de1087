package dev.sluice.queue;

import dev.sluice.limit.LocalRateLimiter;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.redis.Announcements;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Makes message queues. */
public final class MessageQueues {
    private MessageQueues() {}

    /**
     * For one process: nothing outlives it.
     *
     * @param microClock microseconds since the epoch that never go back
     * @param limiter whose buckets are charged, on the same clock
     * @param limits what binds a bot's messages now; asked by every claim
     * @param random for the jitter between attempts
     */
    @SuppressWarnings("DoNotCallSuggester") // until that backend is there
    public static LocalMessageQueue inMemory(
            LongSupplier microClock,
            LocalRateLimiter limiter,
            Function<BotId, TelegramLimits> limits,
            QueueSettings settings,
            RandomGenerator random) {
        return new InMemoryMessageQueue(microClock, limiter, limits, settings, random);
    }

    /** Shared by all processes on one Redis, which hear of each other's messages only by looking, four times a second. */
    public static MessageQueue onRedis(
            ScriptRunner redis,
            ScriptRunner settling,
            KeySpace keys,
            Function<BotId, TelegramLimits> limits,
            QueueSettings settings,
            RandomGenerator random) {
        return new RedisMessageQueue(redis, settling, keys, limits, settings, random, never -> {}, Optional.empty());
    }

    /**
     * Shared by all processes on one Redis, surviving one that loses what it acknowledged: the bots' names are written once more a
     * little later.
     *
     * @param redis with the deadline of decisions
     * @param settling with the longer deadline of what must be written down
     * @param limits what binds a bot's messages now; asked by every claim
     * @param random for the jitter between attempts
     * @param later runs what it is given some seconds later, for as long as {@code redis} may be used
     * @param announcements how processes tell each other of work
     */
    public static MessageQueue onRedis(
            ScriptRunner redis,
            ScriptRunner settling,
            KeySpace keys,
            Function<BotId, TelegramLimits> limits,
            QueueSettings settings,
            RandomGenerator random,
            Executor later,
            Announcements announcements) {
        return new RedisMessageQueue(
                redis, settling, keys, limits, settings, random, later, Optional.of(announcements));
    }
}
