package dev.sluice.benchmarks;

import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.Ending;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageId;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.QueueSettings;
import dev.sluice.redis.KeySpace;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Whether a chat with a long backlog, told 429 for a minute, makes the same bot's other chats wait in the queue. One bot has such
 * a chat and another has not; both get the same load, in turns. A wait is from acceptance to the claim, by Redis' clock.
 */
final class QueueIsolation {
    private static final int BACKLOG = 100_000;
    private static final Duration FLOOD = Duration.ofSeconds(60);
    private static final Duration SLICE = Duration.ofSeconds(4);

    /** More come at once than may go in a second, so that they wait for the bot's limit: how long is not a matter of luck. */
    private static final int BURST = 45;

    private static final Duration BETWEEN_BURSTS = Duration.ofSeconds(2);
    private static final BotId ALONE = new BotId(123_456_001);
    private static final BotId BESIDE = new BotId(123_456_002);
    private static final ChatId FLOODED = ChatId.of(7);
    private static final int CLAIM = 50;
    private static final double AIM = 1.1;

    private final BenchmarkRedis redis;
    private final MessageQueue queue;
    private long chats = 1_000_000_000;

    /** The number of the last message that waits for the flooded chat. */
    private long backlogEnds;

    QueueIsolation(BenchmarkRedis redis) {
        this.redis = redis;
        this.queue = MessageQueues.onRedis(
                redis.store(),
                redis.store(),
                KeySpace.DEFAULT,
                bot -> TelegramLimits.DOCUMENTED,
                QueueSettings.DEFAULT,
                RandomGenerator.of("L64X128MixRandom"));
    }

    Section measure(int rounds) throws Exception {
        redis.forgetEverything();
        for (int i = 0; i < BACKLOG; i += MessageQueue.MAX_BATCH) {
            var added = queue.enqueueAll(
                    BESIDE, Collections.nCopies(MessageQueue.MAX_BATCH, NewMessage.to(FLOODED, new byte[120])));
            if (!(added.getLast() instanceof Enqueued.Added(MessageId last))) {
                throw new IllegalStateException("the backlog was not added: " + added.getLast());
            }
            backlogEnds = last.number();
        }
        var alone = new ArrayList<Double>();
        var beside = new ArrayList<Double>();
        for (int round = 0; round < rounds; round++) {
            boolean first = round % 2 == 0;
            double one = slice(first ? ALONE : BESIDE);
            double other = slice(first ? BESIDE : ALONE);
            alone.add(first ? one : other);
            beside.add(first ? other : one);
        }
        redis.forgetEverything();
        return new Section(
                "A flooded chat in the queue",
                "a bot of 30/s; " + BURST + " messages to chats of their own every " + BETWEEN_BURSTS.toMillis()
                        + " ms; beside them " + BACKLOG + " wait for a chat that is told 429 for " + FLOOD.toSeconds()
                        + " s; " + rounds + " rounds of " + SLICE.toMillis() + " ms with and without",
                List.of(
                        Figure.of("p99 of the others' waits, without", "ms", alone),
                        Figure.compared("p99 of the others' waits, with", "ms", beside, "without", alone)
                                .atMost(AIM)));
    }

    /** The 99th percentile of the others' waits, in milliseconds. */
    private double slice(BotId bot) throws Exception {
        int bursts = (int) SLICE.dividedBy(BETWEEN_BURSTS);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<Double>> waits = threads.submit(() -> work(bot, bursts * BURST));
            long next = System.nanoTime();
            for (int burst = 0; burst < bursts; burst++) {
                var others = new ArrayList<NewMessage>();
                for (int i = 0; i < BURST; i++) {
                    others.add(NewMessage.to(ChatId.of(++chats), new byte[120]));
                }
                var unused = queue.enqueueAll(bot, others);
                next += BETWEEN_BURSTS.toNanos();
                while (System.nanoTime() - next < 0) {
                    LockSupport.parkNanos(next - System.nanoTime());
                }
            }
            return Spread.percentile(waits.get(), 99);
        }
    }

    /** Sends nothing, until so many of the others had their turn; says how long each waited. */
    private List<Double> work(BotId bot, int others) throws InterruptedException {
        var millis = new ArrayList<Double>();
        while (millis.size() < others) {
            for (Leased leased : queue.awaitWork(bot, CLAIM, SLICE).messages()) {
                boolean flooded = leased.id().number() <= backlogEnds;
                if (!flooded) {
                    millis.add((leased.chargedAt() - leased.id().number()) / 1e3);
                }
                Ending ending = flooded ? new Ending.Flooded(FLOOD) : new Ending.Sent(new byte[30]);
                var unused = queue.settle(bot, List.of(leased.ends(ending)));
            }
        }
        return millis;
    }
}
