package dev.sluice.privacy;

import dev.sluice.privacy.StoredLevels.Owed;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A purge that is under way: its lease is renewed until it is closed, so that others leave it alone however long it takes. If this process
 * dies, they take it on within a lease. Thread-safe.
 */
final class HeldPurge implements AutoCloseable {
    private final StoredLevels levels;
    private final Duration each;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread renewing;
    private volatile Owed purge;

    /** @param each how often it is renewed */
    HeldPurge(StoredLevels levels, Owed taken, Duration each) {
        this.levels = levels;
        this.purge = taken;
        this.each = each;
        this.renewing = Thread.ofVirtual().name("privacy-purge-lease").start(this::renewUntilClosed);
    }

    /** As it is held; once this is closed, for the last time. */
    Owed purge() {
        return purge;
    }

    /** Renews it no more; waits for a renewal under way, whose deadline is seconds. */
    @Override
    public void close() {
        closed.countDown();
        boolean interrupted = false;
        while (renewing.isAlive()) {
            try {
                renewing.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void renewUntilClosed() {
        try {
            while (!closed.await(TimeUnit.NANOSECONDS.convert(each), TimeUnit.NANOSECONDS)) {
                try {
                    Optional<Owed> renewed = levels.renew(purge);
                    if (renewed.isEmpty()) {
                        return;
                    }
                    purge = renewed.get();
                } catch (RedisUnavailableException | RedisScriptException e) {
                    // It may have been renewed, and then it is owed once more: to purge twice does no harm.
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
