package dev.sluice.server.worker;

import dev.sluice.queue.Claims;
import dev.sluice.queue.Ending;
import dev.sluice.queue.Lease;
import dev.sluice.queue.Leased;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.Settlement;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends one bot's queued messages, until there are none and none will come by themselves. {@link #run} is the loop of one
 * thread, each message has a thread of its own; the rest is thread-safe.
 */
final class BotWorker {
    /** While other processes' enqueues cannot be heard. */
    private static final Duration POLL = Duration.ofMillis(250);

    /** While they can: what is said may be lost all the same. */
    private static final Duration TOLD_POLL = Duration.ofSeconds(2);

    private static final Duration STORE_AWAY = Duration.ofMillis(500);
    private static final Logger log = LoggerFactory.getLogger(BotWorker.class);

    private final MessageQueue queue;
    private final BotId bot;
    private final QueuedSends sends;
    private final Reachability reachability;
    private final WorkerSettings settings;
    private final Semaphore room;
    private final BooleanSupplier stopped;
    private final WorkerEvents events;
    private final Settlements settlements;
    private final Bell bell = new Bell();
    private volatile boolean claimed;

    /** Claimed, and not settled yet. */
    private final Set<Lease> inFlight = ConcurrentHashMap.newKeySet();

    /**
     * @param room for messages of all bots together
     * @param stopped whether nothing is to be claimed any more
     */
    BotWorker(
            MessageQueue queue,
            BotId bot,
            QueuedSends sends,
            Reachability reachability,
            WorkerSettings settings,
            Semaphore room,
            BooleanSupplier stopped,
            WorkerEvents events,
            RandomGenerator random) {
        this.queue = queue;
        this.bot = bot;
        this.sends = sends;
        this.reachability = reachability;
        this.settings = settings;
        this.room = room;
        this.stopped = stopped;
        this.events = events;
        this.settlements = new Settlements(queue, bot, events, stopped, this::over, random);
    }

    /** Says that there may be something to do. @return false if it has ended, so that a new one is needed */
    boolean ring() {
        return bell.ring();
    }

    /** Whether there was anything for it to do. */
    boolean hasClaimed() {
        return claimed;
    }

    int inFlight() {
        return inFlight.size();
    }

    /** Returns when there is nothing to do, or it was stopped and what was in flight is settled. */
    void run() throws InterruptedException {
        try {
            while (!stopped.getAsBoolean()) {
                // Heard before the claim: what comes after it must not be slept through.
                long heard = bell.heard();
                Optional<Duration> pause = step();
                if (pause.isEmpty() && bell.removeUnlessRungSince(heard)) {
                    return;
                }
                bell.await(heard, pause.orElse(Duration.ZERO));
            }
            while (!inFlight.isEmpty()) {
                bell.await(bell.heard(), POLL);
            }
        } finally {
            bell.remove();
        }
    }

    /** Claims and sends what may go now. @return how long there is nothing more to do; empty if for good */
    private Optional<Duration> step() throws InterruptedException {
        Duration unreachable = reachability.left();
        if (!unreachable.isZero()) {
            return Optional.of(unreachable);
        }
        int wanted = Math.min(settings.perBot() - inFlight.size(), MessageQueue.MAX_BATCH);
        if (wanted < 1) {
            return Optional.of(POLL); // whoever ends rings
        }
        int free = take(reachability.isDoubtful() ? 1 : wanted);
        if (free == 0 || stopped.getAsBoolean()) {
            room.release(free);
            return Optional.of(Duration.ZERO);
        }
        int used = 0;
        try {
            long askedAt = System.nanoTime();
            Claims claims = queue.claim(bot, free);
            claims.shadowDenied().forEach(events::shadowDenied);
            for (Leased message : claims.messages()) {
                launch(message, askedAt);
                claimed = true;
                used++;
            }
            if (used > 0) {
                return Optional.of(Duration.ZERO);
            }
            Duration poll = queue.isListening() ? TOLD_POLL : POLL;
            return claims.wakeUp().isEmpty() && inFlight.isEmpty()
                    ? Optional.empty()
                    : Optional.of(claims.wakeUp()
                            .filter(wakeUp -> wakeUp.compareTo(poll) < 0)
                            .orElse(poll));
        } catch (RedisUnavailableException e) {
            log.debug("bot {}: the queue does not answer", bot, e);
            return Optional.of(STORE_AWAY);
        } finally {
            room.release(free - used);
        }
    }

    /**
     * Up to so many places among all bots' messages. Waits for the first one, since those who claim for other bots hold places
     * only for a moment.
     */
    private int take(int wanted) throws InterruptedException {
        int taken = room.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS) ? 1 : 0;
        while (taken > 0 && taken < wanted && room.tryAcquire()) {
            taken++;
        }
        return taken;
    }

    private void launch(Leased message, long askedAt) {
        inFlight.add(message.lease());
        events.claimed(message);
        Thread.ofVirtual().name("queued").start(() -> {
            List<Leased> sent = new ArrayList<>(List.of(message));
            List<Settlement> ends;
            try {
                ends = sends.send(bot, message, askedAt, other -> {
                    inFlight.add(other.lease());
                    events.claimed(other);
                    sent.add(other);
                });
            } catch (InterruptedException e) {
                ends = allEnd(sent, new Ending.Unanswered("interrupted"));
            } catch (RuntimeException e) {
                log.atError().addKeyValue("message", message.id()).setCause(e).log("a queued message broke its worker");
                ends = allEnd(sent, new Ending.Unanswered("defect"));
            } finally {
                room.release();
            }
            settlements.add(ends);
        });
    }

    private static List<Settlement> allEnd(List<Leased> messages, Ending ending) {
        return messages.stream().map(message -> message.ends(ending)).toList();
    }

    private void over(List<Settlement> settled) {
        settled.forEach(settlement -> inFlight.remove(settlement.lease()));
        bell.ring(); // a place is free, and the chats' next messages may go
    }

    /** Lets the leases of what is in flight last. */
    void renew() {
        var held = new ArrayList<>(inFlight);
        for (int from = 0; from < held.size(); from += MessageQueue.MAX_BATCH) {
            try {
                queue.extend(
                        bot,
                        held.subList(from, Math.min(held.size(), from + MessageQueue.MAX_BATCH)),
                        settings.lease());
            } catch (RedisUnavailableException e) {
                log.debug("bot {}: leases could not be renewed", bot, e);
            }
        }
    }
}
