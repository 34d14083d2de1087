package dev.sluice.server.assembly;

import dev.sluice.namedlimit.PatientNamedLimits;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the named limits until closed: within a second it has heard of all definitions, should the store be lost, and so have those who
 * wait by what no longer holds. Decisions need none of this while the store can be asked: each reads what holds.
 */
final class LimitsRefresh implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LimitsRefresh.class);
    private static final Duration BEAT = Duration.ofSeconds(1);

    private final PatientNamedLimits patient;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private LimitsRefresh(PatientNamedLimits patient) {
        this.patient = patient;
    }

    static LimitsRefresh start(PatientNamedLimits patient) {
        var refresh = new LimitsRefresh(patient);
        Thread.ofVirtual().name("limits-refresh").start(refresh::lookUntilStopped);
        return refresh;
    }

    @Override
    public void close() {
        stopped.countDown();
    }

    private void lookUntilStopped() {
        try {
            do {
                look();
            } while (!stopped.await(BEAT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            patient.refresh();
        } catch (RedisUnavailableException e) {
            // What was heard of last holds on; that Redis is away is told elsewhere.
        } catch (RuntimeException e) {
            // A defect, or somebody else wrote there; it must not end the looking.
            log.error("the named limits could not be read", e);
        }
    }
}
