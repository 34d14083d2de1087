package dev.sluice.delivery;

import dev.sluice.delivery.Admission.Claimed;
import dev.sluice.idempotency.ClaimRequest;
import dev.sluice.idempotency.Fence;
import dev.sluice.idempotency.Settlement;
import dev.sluice.idempotency.StoredResult;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is still claimed when a call's answer is written, and what becomes of it: released once the answer has arrived, kept for one twin
 * if it is lost. Filled on the call's thread, then signed on one thread at a time.
 */
final class CallReceipt implements Delivery.Receipt {
    private final Pipeline pipeline;
    private @Nullable Unsigned unsigned;

    /** The answer of an attempt whose caller was gone, which this call is the one twin to get. */
    private @Nullable HandedOver handedOver;

    private record Unsigned(OutboundCall call, Fence fence, Reply reply, Optional<Heartbeats.Beating> beating) {}

    private record HandedOver(OutboundCall call, ClaimRequest claim, StoredResult result) {}

    CallReceipt(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    /** @param beating ends with the receipt */
    void owed(OutboundCall call, Fence fence, Reply reply, Optional<Heartbeats.Beating> beating) {
        unsigned = new Unsigned(call, fence, reply, beating);
    }

    void handedOver(OutboundCall call, ClaimRequest claim, StoredResult result) {
        handedOver = new HandedOver(call, claim, result);
    }

    /** Whether a claim waits for it to be signed. */
    boolean isPending() {
        return unsigned != null;
    }

    @Override
    public void answered() {
        sign(mine -> new Settlement.Release());
    }

    @Override
    public void lost() {
        HandedOver kept = handedOver;
        if (kept != null) {
            pipeline.settler.handBack(
                    kept.call, kept.claim.byNewHolder(), kept.result, pipeline.settings.ambiguousWindow());
        }
        sign(mine -> new Settlement.HandOver(
                pipeline.results.stored(mine.call, mine.fence.key(), mine.reply), pipeline.settings.ambiguousWindow()));
    }

    private void sign(Function<Unsigned, Settlement> settlement) {
        Unsigned mine = unsigned;
        if (mine == null) {
            return;
        }
        unsigned = null;
        try {
            pipeline.settler.settle(
                    mine.call, Optional.of(new Claimed(mine.fence, settlement.apply(mine))), Optional.empty());
        } finally {
            mine.beating.ifPresent(Heartbeats.Beating::close);
        }
    }
}
