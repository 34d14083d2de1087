package dev.sluice.delivery;

import dev.sluice.delivery.Admission.Verdict;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.limit.Acquisition;
import dev.sluice.queue.LanePlace;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.Priority;
import java.time.Duration;
import java.util.Optional;

/** The benchmarks' way to the one script that decides a send, which is nobody else's business. Thread-safe. */
public final class AdmitScript {
    private final RedisAdmission admission;

    public AdmitScript(ScriptRunner redis, KeySpace keys) {
        this.admission = new RedisAdmission(redis, redis, keys, lowered -> {});
    }

    /** Whether the call may be sent; then its claim stands and its buckets are charged. */
    public boolean admit(ClaimRequest claim, Acquisition acquisition) {
        Optional<LanePlace> place = acquisition.charges().stream()
                .filter(charge -> charge.bucket().scope().equals("chat"))
                .map(charge -> new LanePlace(
                        new BotId(Long.parseLong(acquisition.tag())), charge.bucket(), Priority.NORMAL, Duration.ZERO))
                .findFirst();
        return admission.admit(Optional.of(claim), true, acquisition, place) instanceof Verdict.Passed;
    }
}
