package dev.sluice.delivery;

import dev.sluice.delivery.Admission.Claimed;
import dev.sluice.delivery.Admission.Patience;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.limit.Flood;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down how attempts ended, and keeps trying while the store is away: what is not written down in time looks like
 * the attempt of a replica that died, and makes later twins of an answered call wait and then hear "unknown". Thread-safe.
 */
final class Settler implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Settler.class);

    /**
     * How long a caller's answer may be held up by it: less than what a call may outlive its wait by. An answer that is told
     * before it is written down is lost to its twins if this process dies before it has been.
     */
    private static final Duration AT_ONCE = Duration.ofMillis(300);

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

    /** Settles; what is not written down at once is tried again for {@link #LATER} on another thread. */
    void settle(OutboundCall call, Optional<Claimed> claim, Optional<Flood> flood) {
        if (claim.isEmpty() && flood.isEmpty()) {
            return;
        }
        settle(call, patience -> admission.settle(claim, flood, patience));
    }

    /** Puts back what a twin was handed over in vain, in the same way. */
    void handBack(OutboundCall call, ClaimRequest claim, StoredResult result, Duration keep) {
        settle(call, patience -> {
            admission.handBack(claim, result, keep);
            return true;
        });
    }

    private interface Step {
        boolean run(Patience patience);
    }

    private void settle(OutboundCall call, Step step) {
        long before = System.nanoTime();
        if (tried(call, step, Patience.BRIEF, before)) {
            return;
        }
        if (!pending.tryAcquire()) {
            events.settleFailed(call);
            return;
        }
        var over = new CompletableFuture<Void>();
        Thread.ofVirtual().name("sluice-settling").start(() -> {
            try {
                if (!keepsTrying(call, step, before)) {
                    log.atWarn()
                            .addKeyValue("bot", call.bot())
                            .log("an attempt could not be settled; its claim runs out by its lease");
                }
            } finally {
                pending.release();
                over.complete(null);
            }
        });
        if (!isOverAtOnce(over)) {
            events.settleFailed(call);
        }
    }

    private static boolean isOverAtOnce(CompletableFuture<Void> over) {
        try {
            over.get(AT_ONCE.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean keepsTrying(OutboundCall call, Step step, long since) {
        for (int attempt = 1; ; attempt++) {
            if (tried(call, step, Patience.LONG, since)) {
                return true;
            }
            Duration pause = AGAIN.delay(attempt, random);
            if (closed
                    || System.nanoTime() - since + pause.toNanos() > LATER.toNanos()
                    || !Pause.sleepUnlessInterrupted(pause)) {
                return false;
            }
        }
    }

    /** @return whether there is nothing more to try */
    private boolean tried(OutboundCall call, Step step, Patience patience, long since) {
        try {
            boolean held = step.run(patience);
            events.settled(call, Duration.ofNanos(System.nanoTime() - since), held);
            return true;
        } catch (RedisScriptException | IllegalStateException e) {
            // A defect, or a foreign key in the way: no use in trying again, and no reason to withhold the answer.
            log.atError().addKeyValue("bot", call.bot()).setCause(e).log("an attempt could not be settled");
            events.settleFailed(call);
            return true;
        } catch (RedisUnavailableException e) {
            return false;
        }
    }

    /** Gives up what still waits for the store. */
    @Override
    public void close() {
        closed = true;
    }
}
