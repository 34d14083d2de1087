package dev.sluice.delivery;

import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Decision.Allowed;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the store of a try that is written long after it was admitted: connecting took its time, or the machine was busy.
 * The limits then count it from its first byte, or the next call, written at once, would come too close behind it.
 *
 * <p>Told while the answer is still awaited, since the next call may be admitted as soon as a window has passed.
 */
final class Lateness {
    private static final Logger log = LoggerFactory.getLogger(Lateness.class);

    /** What Telegram's own tolerance swallows; more than a warm process needs from decision to first byte. */
    private static final Duration LATE = Duration.ofMillis(20);

    private final Admission admission;
    private final Acquisition acquisition;
    private final Allowed limits;
    private final long askedAt;

    /** @param askedAt when the store was asked, by {@link System#nanoTime}: before it decided, so that nothing is missed */
    Lateness(Admission admission, Acquisition acquisition, Allowed limits, long askedAt) {
        this.admission = admission;
        this.acquisition = acquisition;
        this.limits = limits;
        this.askedAt = askedAt;
    }

    /** The first byte is about to be written. Returns at once; whatever becomes of it, the try's answer counts. */
    void writing() {
        Duration late = Duration.ofNanos(System.nanoTime() - askedAt);
        if (late.compareTo(LATE) >= 0) {
            Thread.ofVirtual().name("sluice-lateness").start(() -> tell(late));
        }
    }

    private void tell(Duration late) {
        try {
            admission.postpone(acquisition, limits, late);
        } catch (RedisUnavailableException | RedisScriptException e) {
            log.atDebug().setCause(e).log("lateness not told");
        }
    }
}
