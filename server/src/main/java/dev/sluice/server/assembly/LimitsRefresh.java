package dev.sluice.server.assembly;

import dev.sluice.limit.LocalShare;
import dev.sluice.namedlimit.NamedLimits;
import dev.sluice.namedlimit.PatientNamedLimits;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the named limits until closed. That the store is gone or back is noticed within a third of {@link LocalShare#SKEW}, also by a
 * replica that nobody asks anything; and within a second it has heard of all definitions, should the store be lost, and so have those who
 * wait by what no longer holds. Decisions need none of this while the store can be asked: each reads what holds.
 */
final class LimitsRefresh implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LimitsRefresh.class);
    private static final Duration BEAT = LocalShare.SKEW.dividedBy(3);
    private static final int LISTED_EVERY = 3;

    /** Any will do: what counts is whether there is an answer. */
    private static final String ANY_NAME = "heartbeat";

    private final NamedLimits limits;
    private final PatientNamedLimits patient;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private LimitsRefresh(NamedLimits limits, PatientNamedLimits patient) {
        this.limits = limits;
        this.patient = patient;
    }

    /** @param patient the same limits, for those who wait */
    static LimitsRefresh start(NamedLimits limits, PatientNamedLimits patient) {
        var refresh = new LimitsRefresh(limits, patient);
        Thread.ofVirtual().name("limits-refresh").start(refresh::lookUntilStopped);
        return refresh;
    }

    @Override
    public void close() {
        stopped.countDown();
    }

    private void lookUntilStopped() {
        try {
            for (long beat = 0; beat == 0 || !stopped.await(BEAT.toMillis(), TimeUnit.MILLISECONDS); beat++) {
                look(beat % LISTED_EVERY == 0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(boolean atAll) {
        try {
            if (atAll) {
                patient.refresh();
            } else {
                limits.find(ANY_NAME);
            }
        } catch (RedisUnavailableException e) {
            // What was heard of last holds on; that Redis is away is told elsewhere.
        } catch (RuntimeException e) {
            // A defect, or somebody else wrote there; it must not end the looking.
            log.error("the named limits could not be read", e);
        }
    }
}
