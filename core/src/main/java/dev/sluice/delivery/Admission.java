package dev.sluice.delivery;

import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Flood;
import dev.sluice.limit.RateLimiter;
import dev.sluice.queue.LanePlace;
import dev.sluice.queue.MessageId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The store's part of a delivery: idempotency and limits in one atomic step, and one step to settle. Thread-safe.
 *
 * <p>Guarantee: a call passes only if its claim was new, its key is no queued message's, nothing that is queued for its chat goes before it and all its buckets
 * had room, and then claim and buckets are written; any other answer has charged nothing and claimed nothing.
 */
interface Admission {

    sealed interface Verdict {
        /**
         * It may be sent, now.
         *
         * @param fence the claim, which is the dispatch mark; empty if none was asked for or could be kept
         */
        record Passed(Optional<Fence> fence, Decision.Allowed limits) implements Verdict {}

        /** Not now: a bucket is full or parked, or what is queued for its chat goes first. */
        record Denied(Decision.Denied denial) implements Verdict {}

        /** Somebody was or is at it: any claim but {@link Claim.New}. */
        record Taken(Claim claim) implements Verdict {}

        /**
         * Its key belongs to a message of the queue.
         *
         * @param pending whether that is still to be sent
         */
        record Queued(MessageId message, boolean pending) implements Verdict {}
    }

    /**
     * Decides.
     *
     * @param mustClaim whether the call has a key: it must not go without its claim, nor beside a message of the queue under the same
     *     key. Else a claim only serves those that come after
     * @param place where it stands among the messages queued for its chat; empty if it goes past them
     */
    Verdict admit(Optional<ClaimRequest> claim, boolean mustClaim, Acquisition acquisition, Optional<LanePlace> place);

    /** Lets an admission count from later on, as {@link RateLimiter#postpone}. */
    void postpone(Acquisition acquisition, Decision.Allowed limits, Duration by);

    /**
     * What a claim under a caller's key would find, without claiming; empty if it would be new. Takes what is handed over.
     *
     * @return {@link Verdict.Taken} or {@link Verdict.Queued}
     */
    Optional<Verdict> look(ClaimRequest claim);

    /**
     * Ends an attempt; the same again changes nothing more.
     *
     * @return false if the claim had passed to someone else
     */
    boolean settle(Optional<Claimed> claim, Optional<Flood> flood, Patience patience);

    /** How long the store may take to write something down. */
    enum Patience {
        /** As long as a decision: somebody waits for it. */
        BRIEF,
        /** As long as it needs. */
        LONG
    }

    /** A claim and how it ends. */
    record Claimed(Fence fence, Settlement settlement) {}

    /** Takes back what an admission whose answer was lost may have claimed. */
    void withdraw(ClaimRequest claim);

    /**
     * Puts back what was handed over to a twin whose caller was gone too, for the next one within {@code keep}; changes
     * nothing if somebody has claimed it meanwhile.
     */
    void handBack(ClaimRequest claim, StoredResult result, Duration keep);

    /** Renews a claim; false if it has passed to someone else. */
    boolean heartbeat(Fence fence, Duration lease);

    /**
     * Waits until the twin's claim is no longer in progress; false if it still is after {@code max} or when {@code unless}
     * completes.
     */
    boolean awaitTwin(IdempotencyKey key, Duration max, CompletableFuture<?> unless) throws InterruptedException;

    /** Gives up what is tried behind the scenes. */
    default void close() {}
}
