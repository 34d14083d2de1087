package dev.sluice.server.broadcast;

import dev.sluice.broadcast.BroadcastId;
import dev.sluice.broadcast.BroadcastStatus;
import dev.sluice.broadcast.BroadcastStore;
import dev.sluice.broadcast.Fed;
import dev.sluice.broadcast.Feeding;
import dev.sluice.broadcast.Tended;
import dev.sluice.broadcast.Unfed;
import dev.sluice.encryption.Sealer;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.server.gateway.Submissions;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the windows of all unfinished broadcasts full: in rounds, each of which tends and feeds every one of them in turn. One
 * thread; any number of processes may have one. Thread-safe.
 *
 * <p>It may die between any two calls of the store: each is a step that is whole or not at all.
 */
public final class Feeder implements AutoCloseable {
    /** Nothing much happens: a window lasts for seconds. */
    static final Duration CALM = Duration.ofSeconds(1);

    /** A window is being emptied fast. */
    static final Duration BRISK = Duration.ofMillis(100);

    /** How many that are fed in one round make the next one come soon. */
    private static final int MANY = 50;

    /** How often one is fed in a round, so that the others have their turn. */
    private static final int MOST_STEPS = 25;

    private static final Logger log = LoggerFactory.getLogger(Feeder.class);

    private final BroadcastStore store;
    private final Submissions submissions;
    private final Sealer sealer;
    private final Predicate<BotId> sendable;
    private final Consumer<BotId> queued;
    private final FeederEvents events;
    private final Semaphore noticed = new Semaphore(0);
    private volatile boolean stopped;

    private Feeder(
            BroadcastStore store,
            Submissions submissions,
            Sealer sealer,
            Predicate<BotId> sendable,
            Consumer<BotId> queued,
            FeederEvents events) {
        this.store = store;
        this.submissions = submissions;
        this.sealer = sealer;
        this.sendable = sendable;
        this.queued = queued;
        this.events = events;
    }

    /**
     * Starts one.
     *
     * @param sendable whether a bot's token is known: without one its recipients wait
     * @param queued hears of each bot that got messages; must not block
     */
    public static Feeder start(
            BroadcastStore store,
            Submissions submissions,
            Sealer sealer,
            Predicate<BotId> sendable,
            Consumer<BotId> queued,
            FeederEvents events) {
        var feeder = new Feeder(store, submissions, sealer, sendable, queued, events);
        Thread.ofVirtual().name("broadcasts").start(feeder::run);
        return feeder;
    }

    /** Says that there is something new: a round begins at once. */
    public void noticed() {
        noticed.release();
    }

    /** Begins no further round, without waiting for the one under way. */
    @Override
    public void close() {
        stopped = true;
        noticed.release();
    }

    private void run() {
        try {
            while (!stopped) {
                int fed = 0;
                try {
                    fed = round();
                } catch (RedisUnavailableException e) {
                    log.debug("broadcasts: the store does not answer", e);
                } catch (RuntimeException e) {
                    log.error("a round of broadcasts failed", e);
                }
                Duration pause = fed >= MANY ? BRISK : CALM;
                if (noticed.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    noticed.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return the most that one broadcast was fed */
    private int round() {
        var unfinished = new EnumMap<BroadcastStatus, Integer>(BroadcastStatus.class);
        int most = 0;
        for (BotId bot : store.bots()) {
            for (BroadcastId id : store.unfinished(bot)) {
                if (stopped) {
                    return 0;
                }
                most = Math.max(most, attend(id, unfinished));
            }
        }
        events.unfinished(unfinished);
        return most;
    }

    /** Tends a broadcast and fills its window. */
    private int attend(BroadcastId id, Map<BroadcastStatus, Integer> unfinished) {
        int fed = 0;
        Optional<Tended> tended = tend(id);
        for (int step = 0; tended.isPresent() && !stopped; step++) {
            Tended now = tended.get();
            int fedNow = now.unfed()
                    .filter(unfed -> sendable.test(id.bot()))
                    .map(unfed -> feed(id, unfed, now.room()))
                    .orElse(0);
            fed += fedNow;
            if (fedNow == 0 && !now.more() || step == MOST_STEPS) {
                unfinished.merge(now.status(), 1, Integer::sum);
                break;
            }
            tended = tend(id);
        }
        if (fed > 0) {
            queued.accept(id.bot());
        }
        return fed;
    }

    private Optional<Tended> tend(BroadcastId id) {
        Optional<Tended> tended = store.tend(id);
        tended.ifPresent(now -> now.ended().forEach(events::ended));
        if (tended.filter(Tended::pausedItself).isPresent()) {
            log.atWarn()
                    .addKeyValue("broadcast", id)
                    .log(
                            "Telegram refuses this broadcast's messages one after the other: it is paused until it is resumed");
        }
        return tended;
    }

    /** @return how many recipients do not wait any more */
    private int feed(BroadcastId id, Unfed unfed, int room) {
        Optional<Template> template = Template.open(sealer, id.bot(), unfed.template());
        List<Recipient> chunk = Chunk.open(sealer, id.bot(), unfed.chunk());
        boolean lost = unfed.chunk().length == 0 || unfed.template().length == 0;
        if (!lost && (template.isEmpty() || chunk.isEmpty())) {
            // While keys are changed, replicas know different ones.
            log.warn("broadcast {} cannot be decrypted here; it is left to a process that has the key", id);
            return 0;
        }
        var feedings = new ArrayList<Feeding>();
        for (int recipient : unfed.recipients()) {
            if (feedings.size() == Math.min(room, BroadcastStore.MOST_FED)) {
                break;
            }
            int at = recipient % BroadcastStore.CHUNK;
            feedings.add(new Feeding(
                    recipient,
                    template.filter(it -> at < chunk.size()).map(it -> it.to(chunk.get(at), id.bot(), submissions))));
        }
        Fed fed = store.feed(id, feedings);
        events.queued(fed.queued());
        return fed.full() ? 0 : fed.queued() + fed.passed();
    }
}
