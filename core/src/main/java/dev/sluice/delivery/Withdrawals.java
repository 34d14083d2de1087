package dev.sluice.delivery;

import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Takes back, behind the scenes, claims whose answers were lost: they may have been made, nobody acts on them, and a repeat
 * would take them for attempts. Tries for two minutes while the store is away; what is beyond the bound, or not taken back by
 * then, ends with its lease. Thread-safe.
 */
public final class Withdrawals implements AutoCloseable {
    private static final Backoff AGAIN = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1));

    /** Longer than a claim without a key could matter. */
    private static final Duration LONGEST = Duration.ofSeconds(120);

    private static final int MOST = 10_000;

    private final Consumer<ClaimRequest> withdraw;
    private final RandomGenerator random;
    private final Semaphore underWay = new Semaphore(MOST);
    private volatile boolean closed;

    /** @param withdraw takes one back; may block, and throw {@link RedisUnavailableException} */
    public Withdrawals(Consumer<ClaimRequest> withdraw, RandomGenerator random) {
        this.withdraw = withdraw;
        this.random = random;
    }

    /** Takes it back on another thread. */
    public void later(ClaimRequest claim) {
        if (!underWay.tryAcquire()) {
            return;
        }
        Thread.ofVirtual().name("sluice-withdrawing").start(() -> {
            try {
                long start = System.nanoTime();
                for (int attempt = 1; !closed && System.nanoTime() - start < LONGEST.toNanos(); attempt++) {
                    try {
                        withdraw.accept(claim);
                        return;
                    } catch (RedisUnavailableException e) {
                        if (!Pause.sleepUnlessInterrupted(AGAIN.delay(attempt, random))) {
                            return;
                        }
                    }
                }
            } finally {
                underWay.release();
            }
        });
    }

    /** Gives up what still waits for the store. */
    @Override
    public void close() {
        closed = true;
    }
}
