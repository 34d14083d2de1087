package dev.sluice.delivery;

import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Charge;
import dev.sluice.redis.RedisScriptException;
import dev.sluice.redis.RedisUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Charges a try again that was written long after its admission: connecting took its time, or the machine was busy. The
 * windows count from the admission, so the next call, written at once, would come too close behind this one.
 */
final class Lateness {
    private static final Logger log = LoggerFactory.getLogger(Lateness.class);

    /** What Telegram's own tolerance swallows; more than a warm process needs from decision to first byte. */
    private static final Duration LATE = Duration.ofMillis(20);

    private Lateness() {}

    /**
     * To be called when a try has ended; never fails, since whatever it comes to, the try's answer counts.
     *
     * @param admittedAt when the try was admitted, by {@link System#nanoTime}
     * @param wroteAt when its first byte was written, by the same clock; empty if that is not known
     */
    static void makeUpFor(Admission admission, List<Charge> charges, long admittedAt, OptionalLong wroteAt) {
        if (wroteAt.isEmpty() || wroteAt.getAsLong() - admittedAt < LATE.toNanos()) {
            return;
        }
        var again = new ArrayList<Charge>();
        for (Charge charge : charges) {
            int weight = Math.min(charge.weight(), charge.limit().capacity());
            again.add(new Charge(charge.bucket(), charge.limit(), weight));
        }
        try {
            admission.admit(Optional.empty(), false, Acquisition.of(again).overdrawing());
        } catch (RedisUnavailableException | RedisScriptException | IllegalStateException e) {
            log.atDebug().setCause(e).log("lateness not made up for");
        }
    }
}
