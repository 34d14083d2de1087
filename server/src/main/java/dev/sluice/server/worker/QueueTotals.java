package dev.sluice.server.worker;

import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.QueueStatistics;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

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
     * @param paused how many bots are paused
     */
    public record Totals(
            Map<Priority, Long> depth,
            long delayed,
            long leased,
            long retrying,
            long dead,
            long unknown,
            long accepted,
            long sent,
            long paused) {
        static final Totals NONE = new Totals(Map.of(), 0, 0, 0, 0, 0, 0, 0, 0);

        public Totals {
            depth = Map.copyOf(depth);
        }

        /** How many are neither sent, failed nor unknown. */
        public long pending() {
            return delayed + depth.values().stream().mapToLong(Long::longValue).sum();
        }

        /** These with one bot's. */
        public Totals plus(QueueStatistics bot) {
            var sum = new EnumMap<Priority, Long>(Priority.class);
            for (Priority priority : Priority.values()) {
                long vip = priority == Priority.HIGH ? bot.vip() : 0;
                sum.put(priority, depth.getOrDefault(priority, 0L) + bot.depth().getOrDefault(priority, 0L) + vip);
            }
            return new Totals(
                    sum,
                    delayed + bot.delayed(),
                    leased + bot.leased(),
                    retrying + bot.retrying(),
                    dead + bot.dead(),
                    unknown + bot.unknown(),
                    accepted + bot.accepted(),
                    sent + bot.sent(),
                    paused + (bot.botPaused() ? 1 : 0));
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
