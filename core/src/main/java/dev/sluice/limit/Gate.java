package dev.sluice.limit;

import java.time.Duration;
import java.util.TreeSet;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/** A bucket that denied someone: closed until it may let the next one through. Guarded by its room's lock. */
final class Gate {
    final Entrance entrance;
    final TreeSet<Ticket> queue = new TreeSet<>();

    /** On this process' monotonic clock, nanoseconds. */
    long opensAt;

    /** How many queued messages go before whoever was denied last. */
    int queued;

    /** Who was let through and has not been decided: the others wait for what becomes of it. */
    @Nullable Ticket trying;

    @Nullable ScheduledFuture<?> timer;

    /**
     * What a gate closes.
     *
     * @param parksOnly for those who weigh nothing in the bucket: they are held up by parks, never by those who fill it
     */
    record Entrance(Bucket bucket, boolean parksOnly) {
        static Entrance of(Charge charge) {
            return new Entrance(charge.bucket(), charge.weight() == 0);
        }
    }

    Gate(Entrance entrance, long opensAt) {
        this.entrance = entrance;
        this.opensAt = opensAt;
    }

    /** How many nanoseconds after its gate opens a charge fits, if those ahead of it go first: 0 for the gate's own first. */
    static long served(Charge charge, long ahead) {
        if (ahead == 0 || charge.weight() == 0) {
            return 0;
        }
        return switch (charge.limit()) {
            case Limit.StrictWindow(int capacity, Duration window) ->
                (ahead + charge.weight() - 1) / capacity * window.toNanos();
            case Limit.Gcra(int capacity, Duration interval) -> ahead * interval.toNanos();
        };
    }

    boolean holds(long now) {
        return opensAt - now > 0 || trying != null || !queue.isEmpty();
    }
}
