package dev.sluice.idempotency;

import java.time.Duration;

/** The answer to a {@link ClaimRequest}. States keep the names {@code processing}, {@code completed}, {@code failed}. */
public sealed interface Claim {
    /** The caller is the one: do the work, then settle with this fence. */
    record New(Fence fence) implements Claim {}

    /**
     * A twin is at it.
     *
     * @param leaseRemaining how long its lease still holds without a heartbeat
     */
    record Processing(Duration leaseRemaining) implements Claim {}

    /** It was done. */
    record Completed(StoredResult result) implements Claim {}

    /** It was refused for good. */
    record Failed(StoredResult result) implements Claim {}

    /** It may have happened; nobody knows. */
    record Unknown() implements Claim {}

    /** The key was used for other content. */
    record Mismatch() implements Claim {}
}
