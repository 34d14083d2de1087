package dev.sluice.limit;

import java.util.TreeSet;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/** A bucket that denied someone: closed until it may let the next one through. Guarded by its room's lock. */
final class Gate {
    final Bucket bucket;
    final TreeSet<Ticket> queue = new TreeSet<>();

    /** On this process' monotonic clock, nanoseconds. */
    long opensAt;

    /** Who was let through and has not been decided: the others wait for what becomes of it. */
    @Nullable Ticket trying;

    @Nullable ScheduledFuture<?> timer;

    Gate(Bucket bucket, long opensAt) {
        this.bucket = bucket;
        this.opensAt = opensAt;
    }

    boolean holds(long now) {
        return opensAt - now > 0 || trying != null || !queue.isEmpty();
    }
}
