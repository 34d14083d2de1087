package dev.sluice.limit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One bucket in memory: the same state and the same arithmetic as {@code buckets.lua}, which explains them. Guarded by
 * its owner's lock. A question changes nothing but to forget places that have lapsed.
 */
final class BucketState {
    private static final long[] NONE = {};
    private static final long NEVER = Long.MIN_VALUE;

    /** The seniority of whoever stands in no line. */
    static final long NEWCOMER = Long.MAX_VALUE;

    private long parkedUntil = NEVER;
    private final List<Place> line = new ArrayList<>(0);

    /** The times of the last admissions, ascending: for a strict window. */
    private long[] times = NONE;

    /** The theoretical arrival time, for GCRA. */
    private long tat = NEVER;

    private long emptyAt = NEVER;
    private long filledAt = NEVER;

    /** What Telegram's 429 taught, if anything. */
    private Optional<Pace> pace = Optional.empty();

    /** Oldest first. */
    private record Place(String process, int weight, long since, long heldUntil) {
        boolean isBefore(String other, long otherSince) {
            return !process.equals(other) && since < otherSince;
        }
    }

    /** The earliest time at which the weight fits after {@code ahead} others took theirs, {@code now} if it does. */
    long earliest(Limit limit, int weight, int ahead, long now) {
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
            long empty = Math.max(now, windowEmptyAt(window));
            return ahead == 0 ? empty : Math.max(empty, windowEarliest(capacity, window, 1, ahead - 1, now) + window);
        }
        int need = ahead + weight;
        int whole = (need - 1) / capacity;
        int index = times.length - capacity + need - whole * capacity - 1;
        long earliest = index >= 0 ? Math.max(now, times[index] + window) : now;
        return earliest + whole * window;
    }

    /** The earliest time that the pace allows after {@code ahead} others took theirs, {@code now} if there is none. */
    long pacedEarliest(Limit limit, int ahead, long now) {
        return pace(now).map(known -> known.earliest(limit, ahead, now)).orElse(now);
    }

    /** The pace, if there still is one. */
    Optional<Pace> pace(long now) {
        if (pace.isPresent() && pace.get().forgotten() <= now) {
            pace = Optional.empty();
        }
        return pace;
    }

    /** Forgets the pace. */
    void forgetPace() {
        pace = Optional.empty();
    }

    /** Lowers the pace, since a message was told 429, and {@code others} beside it; false if that is known. */
    boolean lower(Limit limit, long admitted, int others, long park, long now) {
        Optional<Pace> known = pace(now);
        if (known.isPresent() && known.get().knows(admitted)) {
            return false;
        }
        int count = firstAfter(admitted) - firstAfter(admitted - Microseconds.span(limit));
        pace = Optional.of(known.map(before -> before.lowered(limit, count, others, park, now))
                .orElseGet(() -> Pace.first(limit, park, now)));
        return true;
    }

    /** Charges the weight, whether it fits or not. */
    void charge(Limit limit, int weight, long now) {
        pace = pace(now).map(known -> known.charged(limit, weight, now));
        long span = Microseconds.span(limit);
        switch (limit) {
            case Limit.StrictWindow w -> {
                times = windowCharged(limit.capacity(), span, weight, now);
                tat = NEVER;
                emptyAt = windowEmptyAt(span);
            }
            case Limit.Gcra g -> {
                tat = tatAt(now) + weight * span;
                times = NONE;
                emptyAt = tat;
            }
        }
    }

    private long[] windowCharged(int capacity, long window, int weight, long now) {
        long at = times.length == 0 ? now : Math.max(now, times[times.length - 1]);
        int windows = Math.ceilDiv(weight, capacity);
        if (windows > 1) {
            int rest = weight - (windows - 1) * capacity;
            long[] charged = new long[capacity];
            for (int i = 0; i < capacity; i++) {
                charged[i] = at + (i < capacity - rest ? windows - 2 : windows - 1) * window;
            }
            return charged;
        }
        int kept = Math.min(windowUsed(window, now), capacity - weight);
        long[] charged = new long[kept + weight];
        System.arraycopy(times, times.length - kept, charged, 0, kept);
        for (int i = kept; i < charged.length; i++) {
            charged[i] = at;
        }
        return charged;
    }

    /** Lets a charge made at {@code from} count from {@code to} on. */
    void postpone(Limit limit, int weight, long from, long to, long now) {
        pace = pace(now).map(known -> known.postponed(limit, weight, to, now));
        long span = Microseconds.span(limit);
        int capacity = limit.capacity();
        switch (limit) {
            case Limit.StrictWindow w -> {
                times = weight > capacity ? shifted(from, to - from) : moved(capacity, weight, from, to);
                tat = NEVER;
                emptyAt = windowEmptyAt(span);
            }
            case Limit.Gcra g -> {
                long full = to + Math.max(capacity, weight) * span;
                // One that is empty may have been forgotten: then nobody could tell what its other charges were.
                tat = tat <= now
                        ? now + weight * span
                        : Math.max(tat, Math.min(Math.max(tat, from + weight * span) + to - from, full));
                times = NONE;
                emptyAt = tat;
            }
        }
    }

    private long[] shifted(long from, long by) {
        long[] shifted = times.clone();
        for (int i = 0; i < shifted.length; i++) {
            shifted[i] += shifted[i] >= from ? by : 0;
        }
        return shifted;
    }

    /** Takes the charge from where it is, if it still is there, and puts it where it belongs; the newest stay. */
    private long[] moved(int capacity, int weight, long from, long to) {
        int first = firstAfter(from - 1);
        int found = Math.min(weight, firstAfter(from) - first);
        int place = firstAfter(to);
        long[] moved = new long[times.length - found + weight];
        System.arraycopy(times, 0, moved, 0, first);
        System.arraycopy(times, first + found, moved, first, place - first - found);
        Arrays.fill(moved, place - found, place - found + weight, to);
        System.arraycopy(times, place, moved, place - found + weight, times.length - place);
        return Arrays.copyOfRange(moved, Math.max(0, moved.length - capacity), moved.length);
    }

    /** Counts what the other was charged under the same limit, too, and is parked as long. Takes over its pace if it has none. */
    void join(BucketState other, Limit limit, long now) {
        park(other.parkedUntil);
        pace = pace(now).or(() -> other.pace(now));
        switch (limit) {
            case Limit.StrictWindow w -> {
                long[] both = Arrays.copyOf(times, times.length + other.times.length);
                System.arraycopy(other.times, 0, both, times.length, other.times.length);
                Arrays.sort(both);
                times = Arrays.copyOfRange(both, Math.max(0, both.length - w.capacity()), both.length);
                tat = NEVER;
            }
            case Limit.Gcra g -> {
                long earlier = Math.min(tat, other.tat);
                tat = Math.max(tat, other.tat) + (earlier > now ? earlier - now : 0);
                times = NONE;
            }
        }
        emptyAt = emptyAt(limit);
    }

    /** Counts as full from {@code at} on, whatever was charged; once per {@code at}, and only if that still counts. */
    void fill(Limit limit, long at, long now) {
        int capacity = limit.capacity();
        long span = Microseconds.span(limit);
        long counts = limit instanceof Limit.Gcra ? span * capacity : span;
        if (at <= filledAt || at + counts <= now) {
            return;
        }
        filledAt = at;
        switch (limit) {
            case Limit.StrictWindow w -> {
                long last = times.length == 0 ? at : Math.max(at, times[times.length - 1]);
                times = new long[capacity];
                Arrays.fill(times, last);
                tat = NEVER;
                emptyAt = last + span;
            }
            case Limit.Gcra g -> {
                tat = Math.max(tat, at + capacity * span);
                times = NONE;
                emptyAt = tat;
            }
        }
    }

    /**
     * Takes back a charge of {@code since} or later that was not used. Never more than still counts of it: where charges
     * cannot be told apart the oldest goes, so that the others count for longer rather than shorter.
     */
    void giveBack(Limit limit, int weight, long since, long now) {
        long span = Microseconds.span(limit);
        switch (limit) {
            case Limit.StrictWindow w -> {
                if (weight <= limit.capacity() && now - since < span) {
                    int first = firstAfter(since - 1);
                    int taken = Math.min(weight, times.length - first);
                    long[] left = new long[times.length - taken];
                    System.arraycopy(times, 0, left, 0, first);
                    System.arraycopy(times, first + taken, left, first, left.length - first);
                    times = left;
                }
            }
            case Limit.Gcra g -> tat -= Math.clamp(since + weight * span - now, 0, weight * span);
        }
    }

    /** How many of weight 1 fit now, the pace not considered. */
    int remaining(Limit limit, long now) {
        return Math.max(0, limit.capacity() - used(limit, now));
    }

    /** How many of weight 1 may pass now. */
    int passing(Limit limit, long now) {
        int remaining = remaining(limit, now);
        return pace(now)
                .map(known -> Math.min(remaining, known.remaining(limit, now)))
                .orElse(remaining);
    }

    /** The weight that still counts. */
    int used(Limit limit, long now) {
        long span = Microseconds.span(limit);
        return switch (limit) {
            case Limit.StrictWindow w -> windowUsed(span, now);
            case Limit.Gcra g -> (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(tatAt(now) - now, span));
        };
    }

    private int windowUsed(long window, long now) {
        return times.length - firstAfter(now - window);
    }

    /** The index of the first admission after a time. */
    private int firstAfter(long time) {
        int low = 0;
        int high = times.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (times[middle] <= time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** No fuller than full, if it is smooth, and nobody in line who could never pass. */
    void refit(Limit limit, long now) {
        long full = now + limit.capacity() * Microseconds.span(limit);
        if (limit instanceof Limit.Gcra && tat > full) {
            tat = full;
            emptyAt = full;
        }
        line.removeIf(place -> place.weight > limit.capacity());
    }

    /** When the admissions stop counting under the limit; in the past if none does. */
    long emptyAt(Limit limit) {
        return switch (limit) {
            case Limit.StrictWindow w -> windowEmptyAt(Microseconds.span(limit));
            case Limit.Gcra g -> tat;
        };
    }

    private long windowEmptyAt(long window) {
        return times.length == 0 ? NEVER : times[times.length - 1] + window;
    }

    private long tatAt(long now) {
        return Math.max(now, tat);
    }

    void park(long until) {
        parkedUntil = Math.max(parkedUntil, until);
    }

    long parkedUntil() {
        return parkedUntil;
    }

    /** Since when the process stands in line here; {@link #NEWCOMER} if it does not. Forgets places that have lapsed. */
    long since(String process, long now) {
        line.removeIf(place -> place.heldUntil < now);
        for (Place place : line) {
            if (place.process.equals(process)) {
                return place.since;
            }
        }
        return NEWCOMER;
    }

    /** The weight of the places before a process of that seniority. */
    int ahead(String process, long since) {
        int ahead = 0;
        for (Place place : line) {
            if (place.isBefore(process, since)) {
                ahead += place.weight;
            }
        }
        return ahead;
    }

    /** When the last of those places lapses. */
    long lapse(String process, long since, long now) {
        long lapse = now;
        for (Place place : line) {
            if (place.isBefore(process, since)) {
                lapse = Math.max(lapse, place.heldUntil + 1);
            }
        }
        return lapse;
    }

    /** Gives the process its place, or keeps it for longer. */
    void join(String process, int weight, long since, long heldUntil, int most, long now) {
        Optional<Place> mine =
                line.stream().filter(place -> place.process.equals(process)).findFirst();
        if (mine.isEmpty() && line.size() >= most) {
            return;
        }
        leave(process);
        // Who comes from nowhere stands behind the last, even within the same microsecond.
        long seniority = since != NEWCOMER ? since : line.isEmpty() ? now : Math.max(now, line.getLast().since + 1);
        int position = line.size();
        while (position > 0 && line.get(position - 1).since > seniority) {
            position--;
        }
        long held = mine.map(place -> Math.max(place.heldUntil, heldUntil)).orElse(heldUntil);
        line.add(position, new Place(process, weight, seniority, held));
    }

    void leave(String process) {
        line.removeIf(place -> place.process.equals(process));
    }

    int waiting(long now) {
        return (int) line.stream().filter(place -> place.heldUntil >= now).count();
    }

    /** From when on this bucket is as good as none. */
    long idleFrom() {
        long idle = Math.max(
                Math.max(parkedUntil, emptyAt), pace.map(Pace::forgotten).orElse(NEVER));
        for (Place place : line) {
            idle = Math.max(idle, place.heldUntil + 1);
        }
        return idle;
    }
}
