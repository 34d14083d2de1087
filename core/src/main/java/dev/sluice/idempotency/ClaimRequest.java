package dev.sluice.idempotency;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A wish to be the one who does it.
 *
 * @param key what must happen once
 * @param fingerprint of the content asked for
 * @param lease how long the claim holds without a heartbeat, 10 ms to 1 h
 * @param abandoned what a claim becomes when its holder's lease runs out
 * @param holder who asks: a number unlike that of any other request, by which a claim can be taken back whose answer
 *     was lost
 */
public record ClaimRequest(
        IdempotencyKey key, Fingerprint fingerprint, Duration lease, Abandoned abandoned, long holder) {
    public ClaimRequest {
        Spans.requireLease(lease);
    }

    /** A request by a new holder. */
    public ClaimRequest(IdempotencyKey key, Fingerprint fingerprint, Duration lease, Abandoned abandoned) {
        this(key, fingerprint, lease, abandoned, ThreadLocalRandom.current().nextLong());
    }

    /** The same request by a new holder: for another try, which outlives the withdrawal of this one. */
    public ClaimRequest byNewHolder() {
        return new ClaimRequest(key, fingerprint, lease, abandoned);
    }

    /** How long an outcome that nobody knows is remembered under the key; zero if the work may be done again. */
    public Duration keep() {
        return switch (abandoned) {
            case Abandoned.TakeOver() -> Duration.ZERO;
            case Abandoned.BecomesUnknown(Duration keep) -> keep;
        };
    }

    /** What to make of a claim whose holder stopped renewing it. */
    public sealed interface Abandoned {
        /** The work may be done again: the next claim wins, with a greater fence. At least once. */
        record TakeOver() implements Abandoned {}

        /**
         * The work may have happened and must not be repeated: every claim is answered {@link Claim.Unknown} until
         * {@code keep} has passed. At most once.
         *
         * @param keep 1 ms to 31 days
         */
        record BecomesUnknown(Duration keep) implements Abandoned {
            public BecomesUnknown {
                Spans.requireKeep(keep);
            }
        }
    }
}
