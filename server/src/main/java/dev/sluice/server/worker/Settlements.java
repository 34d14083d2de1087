package dev.sluice.server.worker;

import dev.sluice.delivery.Backoff;
import dev.sluice.delivery.Pause;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.MessageState;
import dev.sluice.queue.Settlement;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down how a bot's messages ended. Whoever comes while another writes leaves its own to that one, so those that end
 * together are written together. Thread-safe.
 */
final class Settlements {
    /** A lease that ran out may still be settled; after that long somebody will have looked into it. */
    private static final Duration LONGEST = Duration.ofSeconds(60);

    /** Long enough for a connection that is made anew, and within what a stopping process waits for. */
    private static final Duration LONGEST_IN_A_HURRY = Duration.ofSeconds(2);

    private static final Backoff AGAIN = new Backoff(Duration.ofMillis(40), Duration.ofSeconds(1));
    private static final Logger log = LoggerFactory.getLogger(Settlements.class);

    private final MessageQueue queue;
    private final BotId bot;
    private final WorkerEvents events;
    private final BooleanSupplier hurried;
    private final Consumer<List<Settlement>> over;
    private final RandomGenerator random;
    private final Queue<Settlement> pending = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean writing = new AtomicBoolean();

    /**
     * @param hurried whether nobody can wait long for a store that is away
     * @param over hears of those that are done with, written down or not
     */
    Settlements(
            MessageQueue queue,
            BotId bot,
            WorkerEvents events,
            BooleanSupplier hurried,
            Consumer<List<Settlement>> over,
            RandomGenerator random) {
        this.queue = queue;
        this.bot = bot;
        this.events = events;
        this.hurried = hurried;
        this.over = over;
        this.random = random;
    }

    /** Writes them down, or leaves them to whoever is writing now. */
    void add(List<Settlement> settlements) {
        pending.addAll(settlements);
        while (!pending.isEmpty() && writing.compareAndSet(false, true)) {
            try {
                write(next());
            } finally {
                writing.set(false);
            }
        }
    }

    private List<Settlement> next() {
        var batch = new ArrayList<Settlement>();
        while (batch.size() < MessageQueue.MAX_BATCH) {
            Settlement settlement = pending.poll();
            if (settlement == null) {
                break;
            }
            batch.add(settlement);
        }
        return batch;
    }

    private void write(List<Settlement> batch) {
        if (batch.isEmpty()) {
            return;
        }
        try {
            List<Optional<MessageState>> states = settle(batch);
            for (int i = 0; i < batch.size(); i++) {
                if (states.isEmpty()) {
                    events.notSettled(batch.get(i).ending());
                } else {
                    events.settled(batch.get(i).ending(), states.get(i).isPresent());
                }
            }
        } finally {
            over.accept(batch);
        }
    }

    /** The states of all; empty if they could not be written down. */
    private List<Optional<MessageState>> settle(List<Settlement> batch) {
        long before = System.nanoTime();
        for (int attempt = 1; ; attempt++) {
            try {
                return queue.settle(bot, batch);
            } catch (RedisUnavailableException e) {
                long passed = System.nanoTime() - before;
                Duration longest = hurried.getAsBoolean() ? LONGEST_IN_A_HURRY : LONGEST;
                if (passed > longest.toNanos() || !Pause.sleepUnlessInterrupted(AGAIN.delay(attempt, random))) {
                    log.atWarn()
                            .addKeyValue("bot", bot)
                            .addKeyValue("messages", batch.size())
                            .log("what became of queued messages could not be written down; their leases run out");
                    return List.of();
                }
            } catch (RuntimeException e) {
                log.atError().addKeyValue("bot", bot).setCause(e).log("queued messages could not be settled");
                return List.of();
            }
        }
    }
}
