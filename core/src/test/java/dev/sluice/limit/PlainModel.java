package dev.sluice.limit;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Cause;
import dev.sluice.limit.Decision.Denied;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The limits as one would explain them, by brute force over everything that was ever admitted: what the real ones must
 * agree with. Knows no overdraft and no change of limits.
 */
final class PlainModel {
    private static final long GRACE = 100_000;

    private final Map<Bucket, PlainBucket> buckets = new HashMap<>();

    /** One unit of weight, at the time from which it counts. */
    private record Unit(long at) {}

    private record Place(String process, int weight, long since, long held) {}

    private static final class PlainBucket {
        final List<Unit> units = new ArrayList<>();
        final List<Place> line = new ArrayList<>();
        long parked;
    }

    private PlainBucket bucket(Bucket name) {
        return buckets.computeIfAbsent(name, ignored -> new PlainBucket());
    }

    void park(Bucket bucket, long until) {
        bucket(bucket).parked = Math.max(bucket(bucket).parked, until);
    }

    /** The times from which each unit of what was admitted counts. */
    List<Long> units(Bucket bucket) {
        return bucket(bucket).units.stream().map(Unit::at).toList();
    }

    Decision tryAcquire(Acquisition acquisition, long now) {
        String process = acquisition.waiter().map(Waiter::process).orElse("");
        long since = Long.MAX_VALUE;
        for (Charge charge : acquisition.charges()) {
            List<Place> line = bucket(charge.bucket()).line;
            line.removeIf(place -> place.held() < now);
            for (Place place : line) {
                since = place.process().equals(process) ? Math.min(since, place.since()) : since;
            }
        }
        if (acquisition.cameAgo().isPresent()) {
            since = now - Microseconds.of(acquisition.cameAgo().get());
        }
        long at = now;
        int limiting = -1;
        Cause cause = Cause.LIMIT;
        for (int i = 0; i < acquisition.charges().size(); i++) {
            Charge charge = acquisition.charges().get(i);
            PlainBucket bucket = bucket(charge.bucket());
            long earliest = now;
            Cause reason = Cause.LIMIT;
            if (charge.weight() > 0) {
                List<Place> before = before(bucket, process, since);
                int ahead = before.stream().mapToInt(Place::weight).sum();
                earliest = afterOthers(bucket.units, charge, ahead, now);
                if (earliest > now && fits(bucket.units, charge.limit(), charge.weight(), now)) {
                    long lapse = before.stream()
                            .mapToLong(place -> place.held() + 1)
                            .max()
                            .orElseThrow();
                    earliest = Math.min(earliest, lapse);
                    reason = Cause.TURN;
                }
            }
            if (bucket.parked > now && bucket.parked >= earliest) {
                earliest = bucket.parked;
                reason = Cause.PARK;
            }
            if (earliest > at) {
                at = earliest;
                limiting = i;
                cause = reason;
            }
        }
        if (limiting >= 0) {
            Charge charge = acquisition.charges().get(limiting);
            if (!process.isEmpty() && cause != Cause.PARK) {
                long held = Math.min(at + GRACE, now + Microseconds.of(acquisition.stays()));
                join(bucket(charge.bucket()), process, charge.weight(), since, held, now);
            }
            return new Denied(charge.bucket(), cause, Microseconds.duration(at - now), remaining(charge, now));
        }
        var remaining = new ArrayList<Integer>();
        for (Charge charge : acquisition.charges()) {
            PlainBucket bucket = bucket(charge.bucket());
            if (charge.weight() > 0) {
                admit(bucket.units, charge.limit(), charge.weight(), now);
                bucket.line.removeIf(place -> place.process().equals(process));
            }
            remaining.add(remaining(charge, now));
        }
        return new Allowed(now, remaining);
    }

    private static List<Place> before(PlainBucket bucket, String process, long since) {
        return bucket.line.stream()
                .filter(place -> !place.process().equals(process))
                .filter(place -> place.since() < since)
                .toList();
    }

    private static void join(PlainBucket bucket, String process, int weight, long since, long held, long now) {
        long holds = held;
        for (Place place : List.copyOf(bucket.line)) {
            if (place.process().equals(process)) {
                holds = Math.max(holds, place.held());
                bucket.line.remove(place);
            }
        }
        long oldest = since;
        if (oldest == Long.MAX_VALUE) {
            oldest = now;
            for (Place place : bucket.line) {
                oldest = Math.max(oldest, place.since() + 1);
            }
        }
        bucket.line.add(new Place(process, weight, oldest, holds));
        bucket.line.sort(Comparator.comparingLong(Place::since));
    }

    /** Lets the others in one by one, as soon as each fits, and then looks for the first time at which the weight fits. */
    private static long afterOthers(List<Unit> admitted, Charge charge, int ahead, long now) {
        var units = new ArrayList<>(admitted);
        for (int i = 0; i < ahead; i++) {
            admit(units, charge.limit(), 1, earliest(units, charge.limit(), 1, now));
        }
        return earliest(units, charge.limit(), charge.weight(), now);
    }

    /** Only an instant at which something stops counting can be the first that fits. */
    private static long earliest(List<Unit> units, Limit limit, int weight, long now) {
        var candidates = new TreeSet<Long>();
        candidates.add(now);
        switch (limit) {
            case Limit.StrictWindow w -> units.forEach(unit -> candidates.add(unit.at() + Microseconds.span(limit)));
            case Limit.Gcra g -> {
                long room = (long) Math.max(limit.capacity() - weight, 0) * Microseconds.span(limit);
                candidates.add(now + Math.max(0, level(units, limit, now) - room));
            }
        }
        return candidates.tailSet(now).stream()
                .filter(at -> fits(units, limit, weight, at))
                .findFirst()
                .orElseThrow();
    }

    private static boolean fits(List<Unit> units, Limit limit, int weight, long at) {
        int most = Math.max(0, limit.capacity() - weight);
        return switch (limit) {
            case Limit.StrictWindow w -> counting(units, limit, at) <= most;
            case Limit.Gcra g -> level(units, limit, at) <= most * Microseconds.span(limit);
        };
    }

    private static long counting(List<Unit> units, Limit limit, long at) {
        return units.stream()
                .filter(unit -> unit.at() > at - Microseconds.span(limit))
                .count();
    }

    /** A leaky bucket: each unit pours in one interval's worth of time, and time leaks out as it passes. */
    private static long level(List<Unit> units, Limit limit, long at) {
        long level = 0;
        long then = Long.MIN_VALUE / 2;
        for (Unit unit : units) {
            level = Math.max(0, level - (unit.at() - then)) + Microseconds.span(limit);
            then = unit.at();
        }
        return Math.max(0, level - (at - then));
    }

    private static void admit(List<Unit> units, Limit limit, int weight, long now) {
        for (int i = 0; i < weight; i++) {
            boolean spread = limit instanceof Limit.StrictWindow;
            units.add(new Unit(spread ? now + i / limit.capacity() * Microseconds.span(limit) : now));
        }
    }

    private int remaining(Charge charge, long now) {
        List<Unit> units = bucket(charge.bucket()).units;
        int remaining = 0;
        while (remaining < charge.limit().capacity() && fits(units, charge.limit(), remaining + 1, now)) {
            remaining++;
        }
        return remaining;
    }
}
