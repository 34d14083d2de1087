package dev.sluice.delivery;

import dev.sluice.delivery.Admission.Verdict;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.limit.Acquisition;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;
import java.util.Optional;

/** The benchmarks' way to the one script that decides a send, which is nobody else's business. Thread-safe. */
public final class AdmitScript {
    private final RedisAdmission admission;

    public AdmitScript(ScriptRunner redis, KeySpace keys) {
        this.admission = new RedisAdmission(redis, redis, keys);
    }

    /** Whether the call may be sent; then its claim stands and its buckets are charged. */
    public boolean admit(ClaimRequest claim, Acquisition acquisition) {
        return admission.admit(Optional.of(claim), true, acquisition) instanceof Verdict.Passed;
    }
}
