package dev.sluice.limit;

import java.util.ArrayList;
import java.util.List;

/**
 * One bucket in memory: the same state and the same arithmetic as {@code buckets.lua}, which explains them. Guarded by
 * its owner's lock.
 */
final class BucketState {
    private static final long[] EMPTY = {};

    private long parkedUntil = Long.MIN_VALUE;
    private final List<Place> line = new ArrayList<>(0);

    /** The times of the last admissions, ascending: for a strict window. */
    private long[] times = EMPTY;

    /** The theoretical arrival time, for GCRA; {@link Long#MIN_VALUE} before the first. */
    private long tat = Long.MIN_VALUE;

    private boolean strict = true;
    private long emptyAt = Long.MIN_VALUE;

    private record Place(String process, int weight, long heldUntil) {}

    /** The earliest time at which the weight fits, {@code now} if it does. */
    long earliest(Limit limit, int weight, int ahead, long now) {
        adopt(limit);
        long span = Microseconds.span(limit);
        int capacity = limit.capacity();
        return switch (limit) {
            case Limit.StrictWindow w -> windowEarliest(capacity, span, weight, ahead, now);
            case Limit.Gcra g ->
                Math.max(now, tatAt(now) + (long) (ahead - (capacity - Math.min(weight, capacity))) * span);
        };
    }

    private long windowEarliest(int capacity, long window, int weight, int ahead, long now) {
        if (weight > capacity) {
            long empty = times.length == 0 ? now : Math.max(now, times[times.length - 1] + window);
            return empty + Math.ceilDiv(ahead, capacity) * window;
        }
        int need = ahead + weight;
        int whole = (need - 1) / capacity;
        int rest = need - whole * capacity;
        int index = times.length - (capacity - rest) - 1;
        long earliest = index >= 0 ? Math.max(now, times[index] + window) : now;
        return earliest + whole * window;
    }

    /** Charges the weight, whether it fits or not. */
    void charge(Limit limit, int weight, long now) {
        adopt(limit);
        long span = Microseconds.span(limit);
        switch (limit) {
            case Limit.StrictWindow w -> {
                times = windowCharged(limit.capacity(), span, weight, now);
                emptyAt = times[times.length - 1] + span;
            }
            case Limit.Gcra g -> {
                tat = tatAt(now) + weight * span;
                emptyAt = tat;
            }
        }
    }

    private long[] windowCharged(int capacity, long window, int weight, long now) {
        long at = times.length == 0 ? now : Math.max(now, times[times.length - 1]);
        int windows = Math.ceilDiv(weight, capacity);
        int rest = weight - (windows - 1) * capacity;
        if (windows > 1) {
            long[] charged = new long[capacity];
            for (int i = 0; i < capacity; i++) {
                charged[i] = at + (i < capacity - rest ? windows - 2 : windows - 1) * window;
            }
            return charged;
        }
        int kept = Math.min(used(window, now), capacity - weight);
        long[] charged = new long[kept + weight];
        System.arraycopy(times, times.length - kept, charged, 0, kept);
        for (int i = kept; i < charged.length; i++) {
            charged[i] = at;
        }
        return charged;
    }

    /** How many of weight 1 fit now. */
    int remaining(Limit limit, long now) {
        adopt(limit);
        long span = Microseconds.span(limit);
        return switch (limit) {
            case Limit.StrictWindow w -> Math.max(0, limit.capacity() - used(span, now));
            case Limit.Gcra g -> (int) Math.max(0, Math.floorDiv(limit.capacity() * span - (tatAt(now) - now), span));
        };
    }

    /** The weight that still counts. */
    int used(Limit limit, long now) {
        adopt(limit);
        long span = Microseconds.span(limit);
        return switch (limit) {
            case Limit.StrictWindow w -> used(span, now);
            case Limit.Gcra g -> (int) Math.ceilDiv(tatAt(now) - now, span);
        };
    }

    private int used(long window, long now) {
        int low = 0;
        int high = times.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (times[middle] <= now - window) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return times.length - low;
    }

    private long tatAt(long now) {
        return Math.max(now, tat);
    }

    /** A limit that changed its kind starts empty; parks and the line stay. */
    private void adopt(Limit limit) {
        if (strict != limit instanceof Limit.StrictWindow) {
            strict = !strict;
            times = EMPTY;
            tat = Long.MIN_VALUE;
        }
    }

    void park(long until) {
        parkedUntil = Math.max(parkedUntil, until);
    }

    long parkedUntil() {
        return parkedUntil;
    }

    /** The weight of the live places before the process; all of them if it has none. */
    int ahead(String process, long now) {
        line.removeIf(place -> place.heldUntil < now);
        int ahead = 0;
        for (Place place : line) {
            if (place.process.equals(process)) {
                break;
            }
            ahead += place.weight;
        }
        return ahead;
    }

    /** When the last of the others' places lapses. */
    long lapse(String process, long now) {
        long lapse = now;
        for (Place place : line) {
            if (!place.process.equals(process)) {
                lapse = Math.max(lapse, place.heldUntil + 1);
            }
        }
        return lapse;
    }

    void join(String process, int weight, long heldUntil, int most) {
        var mine = new Place(process, weight, heldUntil);
        for (int i = 0; i < line.size(); i++) {
            if (line.get(i).process.equals(process)) {
                line.set(i, mine);
                return;
            }
        }
        if (line.size() < most) {
            line.add(mine);
        }
    }

    void leave(String process) {
        line.removeIf(place -> place.process.equals(process));
    }

    int waiting(long now) {
        line.removeIf(place -> place.heldUntil < now);
        return line.size();
    }

    /** From when on this bucket is as good as none. */
    long idleFrom() {
        long idle = Math.max(parkedUntil, emptyAt);
        for (Place place : line) {
            idle = Math.max(idle, place.heldUntil);
        }
        return idle;
    }

    /** When the admissions stop counting. */
    long emptyAt() {
        return emptyAt;
    }
}
