package dev.sluice.idempotency;

import dev.sluice.idempotency.ClaimRequest.Abandoned;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The guard as one would write it with nothing to worry about: no bounds, no concurrency, no bytes. Fences are the numbers
 * 1, 2, 3 in order of claims.
 */
final class GuardModel {
    private final Map<IdempotencyKey, Entry> entries = new HashMap<>();
    private Duration now = Duration.ZERO;
    private long claims;

    private record Settled(Settlement as, Claim told) {}

    private static final class Entry {
        final Fingerprint content;
        final long holder;
        final Abandoned abandoned;
        Duration leaseEnd = Duration.ZERO;
        Optional<Settled> settled = Optional.empty();
        Duration end = Duration.ZERO;

        Entry(ClaimRequest request, long holder, Duration now) {
            this.content = request.fingerprint();
            this.abandoned = request.abandoned();
            this.holder = holder;
            lease(request.lease(), now);
        }

        void lease(Duration lease, Duration now) {
            leaseEnd = now.plus(lease);
            end = leaseEnd.plus(
                    switch (abandoned) {
                        case Abandoned.TakeOver() -> Duration.ofSeconds(60);
                        case Abandoned.BecomesUnknown(Duration keep) -> keep;
                    });
        }

        void settle(Settlement as, Claim told, Duration newEnd) {
            settled = Optional.of(new Settled(as, told));
            end = newEnd;
        }

        boolean isHeldBy(Fence fence) {
            return holder == fence.number();
        }
    }

    void advance(Duration by) {
        now = now.plus(by);
        entries.values().removeIf(entry -> entry.end.compareTo(now) <= 0);
    }

    Claim claim(ClaimRequest request) {
        Entry entry = entries.get(request.key());
        if (entry == null) {
            return open(request);
        }
        if (!entry.content.equals(request.fingerprint())) {
            return new Claim.Mismatch();
        }
        if (entry.settled.isPresent()) {
            if (entry.settled.get().as() instanceof Settlement.HandOver) {
                entries.remove(request.key());
            }
            return entry.settled.get().told();
        }
        if (entry.leaseEnd.compareTo(now) > 0) {
            return new Claim.Processing(entry.leaseEnd.minus(now));
        }
        return switch (entry.abandoned) {
            case Abandoned.TakeOver() -> open(request);
            case Abandoned.BecomesUnknown(Duration keep) -> {
                entry.settle(new Settlement.MarkUnknown(keep), new Claim.Unknown(), now.plus(keep));
                yield new Claim.Unknown();
            }
        };
    }

    private Claim open(ClaimRequest request) {
        claims++;
        entries.put(request.key(), new Entry(request, claims, now));
        return new Claim.New(new Fence(request.key(), claims));
    }

    boolean settle(Fence fence, Settlement settlement) {
        Entry entry = entries.get(fence.key());
        if (entry == null || !entry.isHeldBy(fence)) {
            return false;
        }
        if (entry.settled.isPresent()) {
            if (settlement instanceof Settlement.Release && entry.settled.get().as() instanceof Settlement.HandOver) {
                entries.remove(fence.key());
                return true;
            }
            return isRepeated(entry.settled.get().as(), settlement);
        }
        switch (settlement) {
            case Settlement.Complete(StoredResult result, Duration keep) ->
                entry.settle(settlement, new Claim.Completed(result), now.plus(keep));
            case Settlement.HandOver(StoredResult result, Duration keep) ->
                entry.settle(settlement, new Claim.Completed(result), now.plus(keep));
            case Settlement.Fail(StoredResult result, Duration keep) ->
                entry.settle(settlement, new Claim.Failed(result), now.plus(keep));
            case Settlement.MarkUnknown(Duration keep) -> entry.settle(settlement, new Claim.Unknown(), now.plus(keep));
            case Settlement.Release() -> entries.remove(fence.key());
        }
        return true;
    }

    /** The same kind with the same result; how long it was to be kept does not matter. */
    private static boolean isRepeated(Settlement earlier, Settlement later) {
        return switch (earlier) {
            case Settlement.Complete(StoredResult result, Duration keep) ->
                later instanceof Settlement.Complete same && same.result().equals(result);
            case Settlement.HandOver(StoredResult result, Duration keep) ->
                later instanceof Settlement.HandOver same && same.result().equals(result);
            case Settlement.Fail(StoredResult result, Duration keep) ->
                later instanceof Settlement.Fail same && same.result().equals(result);
            case Settlement.MarkUnknown(Duration keep) -> later instanceof Settlement.MarkUnknown;
            case Settlement.Release() -> false;
        };
    }

    boolean heartbeat(Fence fence, Duration lease) {
        Entry entry = entries.get(fence.key());
        if (entry == null || !entry.isHeldBy(fence) || entry.settled.isPresent()) {
            return false;
        }
        entry.lease(lease, now);
        return true;
    }
}
