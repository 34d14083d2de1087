package dev.sluice.idempotency;

import java.time.Duration;
import java.util.Optional;

/**
 * Lets one of many equal requests through and gives the others its result. Thread-safe.
 *
 * <p>Guarantees: of concurrent claims of one key exactly one is {@link Claim.New}; settling and renewing are fenced, so
 * that a holder changes nothing once a claim has found its lease run out; every record has a TTL. Time is the backend's.
 */
public interface IdempotencyGuard {

    /** How long results are kept where a caller does not say: the source documents' 30 minutes. */
    Duration DEFAULT_KEEP = Duration.ofMinutes(30);

    Claim claim(ClaimRequest request);

    /**
     * Claims, and while a twin is {@link Claim.Processing} waits for its end.
     *
     * @param maxWait zero or more; when it runs out the answer is still {@link Claim.Processing}
     * @throws InterruptedException if the waiting thread is interrupted
     */
    Claim claim(ClaimRequest request, Duration maxWait) throws InterruptedException;

    /**
     * Ends a claim. The same settlement may be sent again when its reply was lost: that changes nothing, and is true as
     * long as the record it left is there.
     *
     * <p>A result that waits to be handed over may still be released, as long as nobody has taken it.
     *
     * @return false if the fence is no longer the holder's; then nothing changed
     */
    boolean settle(Fence fence, Settlement settlement);

    /**
     * Renews a claim's lease to {@code lease} from now.
     *
     * @return false if the fence is no longer the holder's; then nothing changed
     */
    boolean heartbeat(Fence fence, Duration lease);

    /**
     * Takes back a claim that was asked for and that nobody acts on: its answer was lost, or whoever asked was gone by then.
     *
     * @return false if this holder has no claim in progress or abandoned
     */
    boolean withdraw(ClaimRequest request);

    /** What a claim of the same content would be told; empty if it would be new. Changes nothing: what waits to be handed over stays. */
    Optional<Claim> look(IdempotencyKey key);

    /** The same if this claim is the last that was let through; empty if there is none, or another came. */
    Optional<Claim> look(Fence fence);
}
