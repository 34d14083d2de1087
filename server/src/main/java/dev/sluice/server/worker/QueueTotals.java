package dev.sluice.server.worker;

import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.QueueStatistics;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The queues of all bots in numbers: asked for at most every {@link #FRESH}, since each bot is asked for. Thread-safe. */
public final class QueueTotals {
    static final Duration FRESH = Duration.ofSeconds(5);

    private final MessageQueue queue;
    private Optional<Totals> last = Optional.empty();
    private long askedNanos;

    public QueueTotals(MessageQueue queue) {
        this.queue = queue;
    }

    /**
     * Sums over all bots.
     *
     * @param depth in their lanes, by priority, those that are leased or retrying included; a VIP's counts as high
     * @param delayed whose time has not come
     * @param retrying how many of {@code depth} wait for another attempt
     * @param paused how many bots are paused
     * @param oldest when the oldest of those in lanes was accepted
     */
    public record Totals(
            Map<Priority, Long> depth,
            long delayed,
            long leased,
            Map<Priority, Long> retrying,
            long dead,
            long unknown,
            long accepted,
            long sent,
            long paused,
            Optional<Instant> oldest) {
        static final Totals NONE = new Totals(Map.of(), 0, 0, Map.of(), 0, 0, 0, 0, 0, Optional.empty());

        public Totals {
            depth = Map.copyOf(depth);
            retrying = Map.copyOf(retrying);
        }

        /** How many are neither sent, failed nor unknown. */
        public long pending() {
            return delayed + depth.values().stream().mapToLong(Long::longValue).sum();
        }

        /** How many wait for another attempt. */
        public long retryingInAll() {
            return retrying.values().stream().mapToLong(Long::longValue).sum();
        }

        /** For how long the oldest waits; zero if nothing does. */
        public Duration oldestAge(Instant now) {
            return oldest.map(since -> Duration.between(since, now))
                    .filter(Duration::isPositive)
                    .orElse(Duration.ZERO);
        }

        /** These with one bot's. */
        public Totals plus(QueueStatistics bot) {
            var sum = new EnumMap<Priority, Long>(Priority.class);
            var again = new EnumMap<Priority, Long>(Priority.class);
            for (Priority priority : Priority.values()) {
                long vip = priority == Priority.HIGH ? bot.vip() : 0;
                sum.put(priority, depth.getOrDefault(priority, 0L) + bot.depth().getOrDefault(priority, 0L) + vip);
                again.put(
                        priority,
                        retrying.getOrDefault(priority, 0L) + bot.retrying().getOrDefault(priority, 0L));
            }
            return new Totals(
                    sum,
                    delayed + bot.delayed(),
                    leased + bot.leased(),
                    again,
                    dead + bot.dead(),
                    unknown + bot.unknown(),
                    accepted + bot.accepted(),
                    sent + bot.sent(),
                    paused + (bot.botPaused() ? 1 : 0),
                    Stream.of(oldest, bot.oldest()).flatMap(Optional::stream).min(Comparator.naturalOrder()));
        }
    }

    /** As they were within the last seconds. Throws {@link dev.sluice.redis.RedisUnavailableException}. */
    public synchronized Totals now() {
        if (last.isEmpty() || System.nanoTime() - askedNanos > FRESH.toNanos()) {
            last = Optional.of(fresh());
            askedNanos = System.nanoTime();
        }
        return last.get();
    }

    /** As they are. Throws {@link dev.sluice.redis.RedisUnavailableException}. */
    public Totals fresh() {
        Totals totals = Totals.NONE;
        for (BotId bot : queue.bots()) {
            totals = totals.plus(queue.statistics(bot));
        }
        return totals;
    }
}
