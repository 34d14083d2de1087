package dev.sluice.delivery;

import dev.sluice.delivery.Admission.Verdict;
import dev.sluice.idempotency.Claim;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.StoredResult;
import dev.sluice.queue.MessageId;
import java.time.Duration;

/** What a key's home is told of how its call or message ended here. Immutable. */
final class HomeSettlements {
    /** How long at least a key's home remembers where its message is queued: the queue's own keys live as long after its end. */
    private static final Duration REMEMBERED = Duration.ofDays(1);

    private static final Duration LONGEST_REMEMBERED = Duration.ofDays(31);

    private final Results results;
    private final String region;

    /** @param region this one */
    HomeSettlements(Results results, String region) {
        this.results = results;
        this.region = region;
    }

    /** How the claim ends, as {@link CallInFlight} ends its own. */
    Settlement of(OutboundCall call, Outcome outcome) {
        IdempotencyKey key = call.key().orElseThrow();
        return switch (outcome) {
            case Outcome.Sent(Reply reply) -> new Settlement.Complete(results.stored(call, key, reply), call.keep());
            case Outcome.Refused(Reply reply) ->
                // A 5xx of what is safe to repeat.
                reply.status() >= 500
                        ? new Settlement.Release()
                        : new Settlement.Fail(results.stored(call, key, reply), call.keep());
            case Outcome.Unknown u ->
                call.method().isRepeatable() ? new Settlement.Release() : new Settlement.MarkUnknown(call.keep());
            case Outcome.RateLimited r -> new Settlement.Release();
            case Outcome.NotReached r -> new Settlement.Release();
            case Outcome.StoreUnavailable s -> new Settlement.Release();
            case Outcome.Withdrawn w -> new Settlement.Release();
            case Outcome.Duplicate d -> throw unclaimed(outcome);
            case Outcome.TwinInFlight t -> throw unclaimed(outcome);
            case Outcome.Queued q -> throw unclaimed(outcome);
            case Outcome.Mismatch m -> throw unclaimed(outcome);
        };
    }

    private static IllegalStateException unclaimed(Outcome outcome) {
        return new IllegalStateException("a call that claims nothing here has no twin here: " + outcome);
    }

    /** What this region had under the key before. */
    Settlement knownHere(OutboundCall call, Verdict knownHere) {
        return switch (knownHere) {
            case Verdict.Taken(Claim.Completed(StoredResult result)) -> new Settlement.Complete(result, call.keep());
            case Verdict.Taken(Claim.Failed(StoredResult result)) -> new Settlement.Fail(result, call.keep());
            case Verdict.Taken(Claim.Unknown unknown) -> new Settlement.MarkUnknown(call.keep());
            case Verdict.Queued(MessageId message, boolean pending) -> queued(call, message, Duration.ZERO);
            // Under way, or other content.
            default -> new Settlement.Release();
        };
    }

    /** Where a message is queued. */
    Settlement queued(OutboundCall message, MessageId id, Duration delay) {
        Duration keep = delay.plus(message.keep().compareTo(REMEMBERED) > 0 ? message.keep() : REMEMBERED);
        StoredResult where = results.whole(message.key().orElseThrow(), new QueuedElsewhere(region, id).asReply());
        return new Settlement.Complete(where, keep.compareTo(LONGEST_REMEMBERED) < 0 ? keep : LONGEST_REMEMBERED);
    }
}
