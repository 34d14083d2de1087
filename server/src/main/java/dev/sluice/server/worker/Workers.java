package dev.sluice.server.worker;

import dev.sluice.delivery.Pause;
import dev.sluice.encryption.Sealer;
import dev.sluice.queue.MessageQueue;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what is queued: a loop for each bot that has something, as many messages at once as the settings allow. Any number of
 * processes may do so for one queue. Thread-safe.
 */
public final class Workers implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Workers.class);

    /** Of so many rounds one is made while other processes are heard. */
    private static final int TOLD_ROUNDS = 5;

    private final MessageQueue queue;
    private final QueuedSends sends;
    private final Reachability reachability;
    private final WorkerSettings settings;
    private final WorkerEvents events;
    private final Semaphore room;
    private final RandomGenerator random = new SecureRandom();
    private final ConcurrentMap<BotId, BotWorker> workers = new ConcurrentHashMap<>();
    private final ConcurrentMap<BotWorker, Thread> threads = new ConcurrentHashMap<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<Thread> clocks = new ArrayList<>();
    private long rounds;
    private boolean heard;
    private volatile long roundNanos = System.nanoTime();

    private Workers(
            MessageQueue queue,
            Upstream upstream,
            Sealer sealer,
            Function<BotId, Optional<BotToken>> registered,
            WorkerSettings settings,
            LateMessages lateMessages,
            Predicate<BotId> joinsTexts,
            WorkerEvents events) {
        this.queue = queue;
        this.reachability = new Reachability(settings.unreachable(), random);
        this.sends = new QueuedSends(
                upstream, sealer, registered, reachability, lateMessages, Company.in(queue, joinsTexts));
        this.settings = settings;
        this.events = events;
        this.room = new Semaphore(settings.inAll(), true); // no bot waits for ever
    }

    /**
     * Starts them.
     *
     * @param sealer what queued calls were encrypted with
     * @param registered the token of a registered bot
     * @param joinsTexts whether a bot's short texts are joined where many wait
     */
    public static Workers start(
            MessageQueue queue,
            Upstream upstream,
            Sealer sealer,
            Function<BotId, Optional<BotToken>> registered,
            WorkerSettings settings,
            LateMessages lateMessages,
            Predicate<BotId> joinsTexts,
            WorkerEvents events) {
        var workers = new Workers(queue, upstream, sealer, registered, settings, lateMessages, joinsTexts, events);
        queue.listen(workers::noticed);
        workers.each(settings.round(), "queue-rounds", workers::round);
        workers.each(settings.lease().dividedBy(3), "queue-leases", workers::renew);
        return workers;
    }

    /** Says that a bot may have a message: it is looked for at once. Never blocks for long. */
    public void noticed(BotId bot) {
        if (isStopped()) {
            return;
        }
        workers.compute(bot, (same, worker) -> worker != null && worker.ring() ? worker : begin(bot));
    }

    /** How many messages are in flight here. */
    public int inFlight() {
        return workers.values().stream().mapToInt(BotWorker::inFlight).sum();
    }

    /** For how many bots there is work here. */
    public int bots() {
        return workers.size();
    }

    /** How long ago the bots were last looked through: the heartbeat. */
    public Duration sinceRound() {
        return Duration.ofNanos(System.nanoTime() - roundNanos);
    }

    /** Whether Telegram was reached when it was last tried. */
    public boolean isTelegramReached() {
        return !reachability.isDoubtful();
    }

    /** From now on claims nothing. */
    public void stop() {
        stop.countDown();
        workers.values().forEach(BotWorker::ring);
    }

    /**
     * Waits until all that was in flight is settled.
     *
     * @return false if something still is after {@code longest}; its lease will run out
     */
    public boolean awaitQuiet(Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        for (Thread thread : List.copyOf(threads.values())) {
            if (!thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())))) {
                return false;
            }
        }
        return true;
    }

    /** Stops, without waiting. */
    @Override
    public void close() {
        stop();
        clocks.forEach(Thread::interrupt);
    }

    private boolean isStopped() {
        return stop.getCount() == 0;
    }

    private BotWorker begin(BotId bot) {
        var worker = new BotWorker(queue, bot, sends, reachability, settings, room, this::isStopped, events, random);
        Thread thread = Thread.ofVirtual().name("queue-" + bot).unstarted(() -> {
            try {
                worker.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                log.atError().addKeyValue("bot", bot).setCause(e).log("the worker of a queue broke; it begins anew");
            } finally {
                workers.remove(bot, worker);
                threads.remove(worker);
            }
        });
        threads.put(worker, thread);
        thread.start();
        return worker;
    }

    /** All the more seldom if others say what they have queued. */
    private void round() {
        boolean told = queue.isListening();
        boolean toldSinceLast = told && heard;
        heard = told; // nobody heard what was said before
        if (rounds++ % TOLD_ROUNDS > 0 && toldSinceLast) {
            return;
        }
        queue.bots().forEach(this::noticed);
        roundNanos = System.nanoTime();
    }

    /** Each bot for itself, since the store may be slow, and leases are not to wait for each other. */
    private void renew() {
        workers.values().stream()
                .filter(worker -> worker.inFlight() > 0)
                .forEach(worker -> Thread.ofVirtual().name("queue-renewal").start(worker::renew));
    }

    private void each(Duration period, String name, Runnable task) {
        clocks.add(Thread.ofVirtual().name(name).start(() -> {
            try {
                do {
                    try {
                        task.run();
                    } catch (RedisUnavailableException e) {
                        log.debug("{}: the queue does not answer", name, e);
                    } catch (RuntimeException e) {
                        log.error("{} failed", name, e);
                    }
                    // Leases last until all is settled; new bots are not looked for after the stop.
                } while (!stop.await(period.toMillis(), TimeUnit.MILLISECONDS) || renewsStill(period));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    private boolean renewsStill(Duration period) {
        return !threads.isEmpty() && Pause.sleepUnlessInterrupted(period);
    }
}
