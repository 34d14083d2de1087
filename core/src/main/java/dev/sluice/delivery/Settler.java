package dev.sluice.delivery;

import dev.sluice.delivery.Admission.Claimed;
import dev.sluice.delivery.Admission.Flood;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down how attempts ended, and keeps trying while the store is away: what is not written down in time looks like
 * the attempt of a replica that died, and makes later twins of an answered call wait and then hear "unknown". Thread-safe.
 */
final class Settler implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Settler.class);

    /** How long a caller's answer may be held up by it. */
    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    /** How long it is tried behind the scenes: the longest that a claim without a key matters. */
    private static final Duration LATER = Duration.ofSeconds(60);

    private static final Backoff AGAIN = new Backoff(Duration.ofMillis(20), Duration.ofMillis(500));

    /** Settlements that wait for the store; beyond that claims run out by their leases. */
    private static final int MOST_PENDING = 10_000;

    private final Admission admission;
    private final DeliveryEvents events;
    private final RandomGenerator random;
    private final Semaphore pending = new Semaphore(MOST_PENDING);
    private volatile boolean closed;

    Settler(Admission admission, DeliveryEvents events, RandomGenerator random) {
        this.admission = admission;
        this.events = events;
        this.random = random;
    }

    /** Settles, trying again for {@link #AT_ONCE} on this thread and then for {@link #LATER} on another. */
    void settle(OutboundCall call, Optional<Claimed> claim, Optional<Flood> flood) {
        if (claim.isEmpty() && flood.isEmpty()) {
            return;
        }
        settle(call, () -> admission.settle(claim, flood));
    }

    /** Puts back what a twin was handed over in vain, in the same way. */
    void handBack(OutboundCall call, ClaimRequest claim, StoredResult result, Duration keep) {
        settle(call, () -> {
            admission.handBack(claim, result, keep);
            return true;
        });
    }

    private void settle(OutboundCall call, BooleanSupplier step) {
        long before = System.nanoTime();
        if (keepsTrying(call, step, before, AT_ONCE)) {
            return;
        }
        events.settleFailed(call);
        if (pending.tryAcquire()) {
            Thread.ofVirtual().name("sluice-settling").start(() -> {
                try {
                    if (!keepsTrying(call, step, before, LATER)) {
                        log.atWarn()
                                .addKeyValue("bot", call.bot())
                                .log("an attempt could not be settled; its claim runs out by its lease");
                    }
                } finally {
                    pending.release();
                }
            });
        }
    }

    /** @return whether there is nothing more to try */
    private boolean keepsTrying(OutboundCall call, BooleanSupplier step, long since, Duration patience) {
        for (int attempt = 1; ; attempt++) {
            try {
                boolean held = step.getAsBoolean();
                events.settled(call, Duration.ofNanos(System.nanoTime() - since), held);
                return true;
            } catch (RedisScriptException | IllegalStateException e) {
                // A defect, or a foreign key in the way: no use in trying again, and no reason to withhold the answer.
                log.atError().addKeyValue("bot", call.bot()).setCause(e).log("an attempt could not be settled");
                events.settleFailed(call);
                return true;
            } catch (RedisUnavailableException e) {
                Duration pause = AGAIN.delay(attempt, random);
                if (closed
                        || System.nanoTime() - since + pause.toNanos() > patience.toNanos()
                        || !Pause.sleepUnlessInterrupted(pause)) {
                    return false;
                }
            }
        }
    }

    /** Gives up what still waits for the store. */
    @Override
    public void close() {
        closed = true;
    }
}
