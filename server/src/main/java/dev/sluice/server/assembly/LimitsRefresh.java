package dev.sluice.server.assembly;

import dev.sluice.namedlimit.PatientNamedLimits;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists the named limits once a second until closed: so this process has heard of all of them should the store be lost, and who waits by
 * what no longer holds hears of it. Decisions need none of this while the store can be asked: each reads what holds.
 */
final class LimitsRefresh implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LimitsRefresh.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final PatientNamedLimits limits;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private LimitsRefresh(PatientNamedLimits limits) {
        this.limits = limits;
    }

    static LimitsRefresh start(PatientNamedLimits limits) {
        var refresh = new LimitsRefresh(limits);
        Thread.ofVirtual().name("limits-refresh").start(refresh::listUntilStopped);
        return refresh;
    }

    @Override
    public void close() {
        stopped.countDown();
    }

    private void listUntilStopped() {
        try {
            do {
                list();
            } while (!stopped.await(EVERY.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void list() {
        try {
            limits.refresh();
        } catch (RedisUnavailableException e) {
            // What was heard of last holds on; that Redis is away is told elsewhere.
        } catch (RuntimeException e) {
            // A defect, or somebody else wrote there; it must not end the listing.
            log.error("the named limits could not be read", e);
        }
    }
}
