package dev.sluice.idempotency;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Claims until the answer is anything but "a twin is at it", or patience runs out. */
final class PatientClaim {
    private final IdempotencyGuard guard;
    private final TwinWait twins;

    PatientClaim(IdempotencyGuard guard, TwinWait twins) {
        this.guard = guard;
        this.twins = twins;
    }

    Claim claim(ClaimRequest request, Duration maxWait) throws InterruptedException {
        long patience = TimeUnit.NANOSECONDS.convert(maxWait);
        long start = System.nanoTime();
        while (true) {
            Claim claim = claimOnce(request);
            long left = patience - (System.nanoTime() - start);
            if (!(claim instanceof Claim.Processing) || left <= 0) {
                return claim;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            twins.awaitEnd(request.key(), Duration.ofNanos(left));
        }
    }

    /** An interrupt that meets the round trip rather than the waiting is an interrupt all the same. */
    private Claim claimOnce(ClaimRequest request) throws InterruptedException {
        try {
            return guard.claim(request);
        } catch (RuntimeException e) {
            if (Thread.interrupted()) {
                var interrupted = new InterruptedException("interrupted while claiming");
                interrupted.initCause(e);
                throw interrupted;
            }
            throw e;
        }
    }
}
