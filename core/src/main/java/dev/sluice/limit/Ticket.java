package dev.sluice.limit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One call's place in its lane. {@link #await} is for one thread; {@link #cancel} and {@link #close} are thread-safe.
 * Must be closed.
 */
public final class Ticket implements AutoCloseable, Comparable<Ticket> {

    enum State {
        /** Not in the lane: not yet, or stepped aside. */
        ASIDE,
        /** In the lane, behind others. */
        BEHIND,
        /** First of its lane, at a closed gate. */
        AT_GATE,
        /** First of its lane, trying to pass. */
        TRYING,
        /** Passed; its lane waits for it. */
        OUT,
        CANCELLED,
        CLOSED
    }

    private final WaitingRoom house;
    private final Room room;
    private final String tag;
    private final String lane;
    private final int weight;
    private final long order;
    private final long arrival;

    // All below: guarded by the room's lock.
    final Condition changed;
    State state = State.ASIDE;

    /** What it will be charged to by the present limits. */
    private List<Charge> charges;

    /** Asked for while it was TRYING or OUT: its next wait ends at once. */
    boolean cancelled;

    @Nullable Gate gate;

    /** Whether it was out and came back: then nobody of its lane may go before it. */
    boolean holdsLane;

    @Nullable Gate cameThrough;

    Ticket(WaitingRoom house, Room room, String tag, String lane, List<Charge> charges, long order, long arrival) {
        this.house = house;
        this.room = room;
        this.tag = tag;
        this.lane = lane;
        this.charges = charges;
        this.weight = charges.stream().mapToInt(Charge::weight).max().orElse(0);
        this.order = order;
        this.arrival = arrival;
        this.changed = room.lock.newCondition();
    }

    /** Whether a try now would have to wait behind others, as far as this process knows. */
    public boolean wouldWait() {
        return room.wouldWait(this);
    }

    /**
     * Waits for this call's turn and tries, as often as it is told {@link Ruling.NotYet}, until it is decided or
     * {@code maxWait} is over. May be called again: a ticket that is out keeps its lane while it waits anew, one that
     * stepped aside returns to its old place.
     *
     * @param maxWait zero: one try if nobody is ahead
     * @param attempt one try at the limits; runs on this thread
     */
    public <T> Turn<T> await(Duration maxWait, Supplier<Ruling<T>> attempt) throws InterruptedException {
        return room.await(this, maxWait, attempt);
    }

    /**
     * Says what it is charged to from now on, if limits may have changed. To be called by its attempt only: before that it queues at the
     * gates of what it was charged to.
     *
     * @param newCharges of the same weight
     */
    public void recharge(List<Charge> newCharges) {
        room.lock.lock();
        try {
            charges = newCharges;
        } finally {
            room.lock.unlock();
        }
    }

    /** Lets the lane go on without giving up this call's place in the order. */
    public void stepAside() {
        room.stepAside(this);
    }

    /**
     * Ends the wait, now and whenever it would begin again. A try that is being made goes on: if it is decided, that is for
     * the caller to undo.
     */
    public void cancel() {
        room.cancel(this);
    }

    /** Leaves the room; the lane goes on. */
    @Override
    public void close() {
        if (room.close(this)) {
            house.left(this);
        }
    }

    /** For tests. */
    boolean isIn(State wanted) {
        room.lock.lock();
        try {
            return state == wanted;
        } finally {
            room.lock.unlock();
        }
    }

    String tag() {
        return tag;
    }

    String lane() {
        return lane;
    }

    List<Charge> charges() {
        return charges;
    }

    /** What it weighs in the buckets where it weighs anything. */
    int weight() {
        return weight;
    }

    static long weight(Iterable<Ticket> tickets) {
        long weight = 0;
        for (Ticket ticket : tickets) {
            weight += ticket.weight;
        }
        return weight;
    }

    Gate.Entrance entranceTo(Bucket bucket) {
        for (Charge charge : charges) {
            if (charge.bucket().equals(bucket)) {
                return Gate.Entrance.of(charge);
            }
        }
        throw new IllegalStateException("denied by a bucket that it is not charged to: " + bucket);
    }

    @Override
    public int compareTo(Ticket other) {
        int byOrder = Long.compare(order - other.order, 0);
        return byOrder != 0 ? byOrder : Long.compare(arrival, other.arrival);
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
