package dev.sluice.benchmarks;

import dev.sluice.limit.Limit;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.queue.Ending;
import dev.sluice.queue.Enqueued;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageQueues;
import dev.sluice.queue.NewMessage;
import dev.sluice.queue.QueueSettings;
import dev.sluice.redis.KeySpace;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** Sluice's queue, with limits that are asked about and never met, by one worker for each bot. */
final class SluiceQueue implements QueuePeer {
    private static final int FIRST_BOT = 123_456_000;
    private static final long FIRST_CHAT = 1_000_000_000;

    /** As many as BullMQ's. */
    private static final int ADDERS = 4;

    /** Who finds nothing is told of new messages; this only ends the last ones. */
    private static final Duration IDLE = Duration.ofMillis(50);

    private static final Limit BEYOND_REACH = Limit.atMost(10_000, Duration.ofMillis(1));

    /** Asked about, never met. */
    static final TelegramLimits LIMITS =
            new TelegramLimits(BEYOND_REACH, BEYOND_REACH, BEYOND_REACH, BEYOND_REACH, Optional.empty());

    private static final byte[] PAYLOAD = new byte[PAYLOAD_BYTES];
    private static final Ending SENT = new Ending.Sent(new byte[0]);

    private final BenchmarkRedis redis;
    private final MessageQueue queue;
    private final int chats;
    private int turn;

    private SluiceQueue(BenchmarkRedis redis, int chats) {
        this.redis = redis;
        this.chats = chats;
        this.queue = MessageQueues.onRedis(
                redis.store(),
                redis.store(),
                KeySpace.DEFAULT,
                bot -> LIMITS,
                QueueSettings.DEFAULT.withKeep(Duration.ZERO).withLease(Duration.ofMinutes(10)),
                RandomGenerator.of("L64X128MixRandom"));
    }

    /** @param chats of each bot */
    static SluiceQueue start(int chats) throws IOException {
        return new SluiceQueue(BenchmarkRedis.start(), chats);
    }

    @Override
    public String name() {
        return "Sluice";
    }

    @Override
    public BenchmarkRedis redis() {
        return redis;
    }

    @Override
    public Work add(int messages, int batch) throws Exception {
        return timed(adders(messages, batch));
    }

    @Override
    public Work finish(int messages, int batch) throws Exception {
        return timed(workers(messages, batch));
    }

    @Override
    public Work flow(int messages, int batch) throws Exception {
        var all = new ArrayList<>(workers(messages, batch));
        adders(messages, batch)
                .forEach(adder -> all.add(() -> {
                    adder.call();
                    return 0;
                }));
        return timed(all);
    }

    private List<Callable<Integer>> adders(int messages, int batch) {
        var left = new AtomicInteger(messages);
        var bots = new AtomicInteger(turn);
        turn += messages / batch;
        var adders = new ArrayList<Callable<Integer>>();
        for (int i = 0; i < (batch == 1 ? 1 : ADDERS); i++) {
            adders.add(() -> {
                int added = 0;
                for (int before = left.getAndAdd(-batch); before > 0; before = left.getAndAdd(-batch)) {
                    added += enqueue(Math.floorMod(bots.getAndIncrement(), BOTS), Math.min(batch, before));
                }
                return added;
            });
        }
        return adders;
    }

    private int enqueue(int bot, int batch) {
        long firstChat = FIRST_CHAT + (long) bot * chats;
        var messages = new ArrayList<NewMessage>(batch);
        for (int i = 0; i < batch; i++) {
            ChatId chat = ChatId.of(firstChat + ThreadLocalRandom.current().nextInt(chats));
            messages.add(NewMessage.to(chat, PAYLOAD));
        }
        for (Enqueued enqueued : queue.enqueueAll(bot(bot), messages)) {
            if (!(enqueued instanceof Enqueued.Added)) {
                throw new IllegalStateException("a message was not added: " + enqueued);
            }
        }
        return batch;
    }

    /** One for each bot; or a single one that goes from bot to bot, as the adder does, if messages go one at a time. */
    private List<Callable<Integer>> workers(int messages, int batch) {
        var left = new AtomicInteger(messages);
        if (batch == 1) {
            return List.of(() -> {
                int done = 0;
                for (int bot = 0; left.get() > 0; bot++) {
                    done += settle(bot(bot), queue.claim(bot(bot), 1).messages(), left);
                }
                return done;
            });
        }
        var workers = new ArrayList<Callable<Integer>>();
        for (int i = 0; i < BOTS; i++) {
            BotId bot = bot(i);
            workers.add(() -> {
                int done = 0;
                while (left.get() > 0) {
                    done += settle(bot, queue.awaitWork(bot, batch, IDLE).messages(), left);
                }
                return done;
            });
        }
        return workers;
    }

    private int settle(BotId bot, List<Leased> leased, AtomicInteger left) {
        if (!leased.isEmpty()) {
            var states = queue.settle(
                    bot, leased.stream().map(message -> message.ends(SENT)).toList());
            if (states.stream().anyMatch(Optional::isEmpty)) {
                throw new IllegalStateException("a lease was lost");
            }
            left.addAndGet(-leased.size());
        }
        return leased.size();
    }

    private static BotId bot(int i) {
        return new BotId(FIRST_BOT + Math.floorMod(i, BOTS));
    }

    private static Work timed(List<Callable<Integer>> parts) throws Exception {
        long began = System.nanoTime();
        int done = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> part : parts.stream().map(threads::submit).toList()) {
                done += part.get();
            }
        }
        return new Work(done, (System.nanoTime() - began) / 1e9);
    }

    @Override
    public void close() throws IOException {
        redis.close();
    }
}
