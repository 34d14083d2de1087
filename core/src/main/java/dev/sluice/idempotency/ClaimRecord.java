package dev.sluice.idempotency;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * One claim as kept in memory. Times are microseconds of the guard's clock.
 *
 * @param holder who may still withdraw it; nobody once it was settled
 */
record ClaimRecord(Fence fence, Fingerprint fingerprint, OptionalLong holder, State state) {
    /** Why this long past the lease: see {@code claims.lua}. */
    private static final long ABANDONED_FOR = 60_000_000;

    sealed interface State {
        /** When the record may go. */
        long ends();

        /**
         * @param keep how long it counts as unknown once abandoned; 0 if it may be taken over
         * @param end completed when it is settled
         */
        record Leased(long deadline, long keep, CompletableFuture<Void> end) implements State {
            @Override
            public long ends() {
                return deadline + (keep > 0 ? keep : ABANDONED_FOR);
            }
        }

        /** Whatever it was settled as; abandoned claims that became unknown too. */
        record Ended(Ending ending, long ends) implements State {}
    }

    IdempotencyKey key() {
        return fence.key();
    }

    ClaimRecord as(State newState) {
        return new ClaimRecord(fence, fingerprint, holder, newState);
    }

    ClaimRecord settled(State.Ended end) {
        return new ClaimRecord(fence, fingerprint, OptionalLong.empty(), end);
    }

    /** Rough, for bounding memory. */
    long bytes() {
        return 500L
                + (state instanceof State.Ended ended ? ended.ending().result().bytes().length : 0);
    }
}
