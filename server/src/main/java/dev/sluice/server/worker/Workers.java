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

    /** Of so many rounds, one an hour, one also forgets; processes that began together do so at different times. */
    private static final int FORGETTING_ROUNDS = 3_600;

    /** Longer than anybody is away who comes back. What came back is named again by its first message. */
    private static final Duration UNUSED = Duration.ofDays(30);

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
    private final Lookout lookout = new Lookout(random);
    private long rounds = random.nextInt(FORGETTING_ROUNDS);
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
        lookout.stirred(bot, System.nanoTime());
        ask(bot);
    }

    private void ask(BotId bot) {
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
                if (worker.hasClaimed()) {
                    lookout.stirred(bot, System.nanoTime());
                }
                threads.remove(worker);
            }
        });
        threads.put(worker, thread);
        thread.start();
        return worker;
    }

    /** All the more seldom if others say what they have queued, and a bot the more seldom the longer it has had nothing. */
    private void round() {
        long round = rounds++;
        boolean told = queue.isListening();
        boolean heardBefore = heard;
        heard = told;
        if (told && heardBefore && round % TOLD_ROUNDS > 0) {
            return;
        }
        if (told && !heardBefore) {
            lookout.everybody(); // what was said before was said to nobody
        }
        Duration first = told ? settings.round().multipliedBy(TOLD_ROUNDS) : settings.round();
        if (!isStopped()) {
            lookout.due(queue.bots(), told, first, System.nanoTime()).forEach(this::ask);
        }
        roundNanos = System.nanoTime();
        if (round % FORGETTING_ROUNDS < TOLD_ROUNDS) {
            forget();
        }
    }

    private void forget() {
        for (BotId bot : queue.forgetUnused(UNUSED)) {
            log.atInfo()
                    .addKeyValue("bot", bot)
                    .log("its queue is empty and nobody uses it: it is not looked at until it is used");
        }
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
