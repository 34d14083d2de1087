package dev.sluice.queue;

import java.util.Comparator;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;

/** One chat's lane in memory, and the one place where it stands. Guarded by the lock of its queue. */
final class HeldLane {
    /** The least tag or the earliest time first; of equal tags who came first, of equal times by name, as in Redis. */
    static final Comparator<HeldLane> PLACE_ORDER = Comparator.comparingLong((HeldLane it) -> it.at)
            .thenComparingLong(it -> it.arrival)
            .thenComparing(it -> it.name);

    final String name;
    final NavigableSet<HeldMessage> messages = new TreeSet<>(HeldMessage.LANE_ORDER);

    /** The set that it is in; empty if it is paused or between two places. */
    private Optional<NavigableSet<HeldLane>> place = Optional.empty();

    /** Its tag if it is ready, else until when it stands there. */
    private long at;

    /** How many lanes became ready before it, if it is ready. */
    private long arrival;

    /** Where its last turn began: the rank that it was in, and the tag by which it was chosen. */
    int turnRank;

    long turnTag;

    HeldLane(String name) {
        this.name = name;
    }

    HeldMessage head() {
        return messages.getFirst();
    }

    long at() {
        return at;
    }

    boolean isNowhere() {
        return place.isEmpty();
    }

    @SuppressWarnings("ReferenceEquality") // this very set, not one of the same lanes
    boolean isIn(NavigableSet<HeldLane> lanes) {
        return place.isPresent() && place.get() == lanes;
    }

    /** Leaves where it is, and stands in {@code lanes} from now on. */
    void move(NavigableSet<HeldLane> lanes, long newAt) {
        move(lanes, newAt, 0);
    }

    void move(NavigableSet<HeldLane> lanes, long newAt, long newArrival) {
        leave();
        at = newAt;
        arrival = newArrival;
        lanes.add(this);
        place = Optional.of(lanes);
    }

    void leave() {
        place.ifPresent(lanes -> lanes.remove(this));
        place = Optional.empty();
    }
}
