package dev.sluice.queue;

import dev.sluice.limit.Bucket;
import dev.sluice.limit.Charge;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Limit;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Strict windows by brute force over everything that was ever charged. Knows no cost above a limit's capacity. */
final class PlainWindows {
    /** Per bucket the time of each unit of cost. */
    private final Map<Bucket, List<Long>> units = new HashMap<>();

    private final Map<Bucket, Long> parked = new HashMap<>();

    /** What holds the charges, if anything; of several the one that holds longest, of equals the first. */
    Optional<Why.Hold.Limited> denial(List<Charge> charges, long now) {
        Optional<Why.Hold.Limited> longest = Optional.empty();
        long until = now;
        for (Charge charge : charges) {
            long free = charge.weight() == 0 ? now : earliest(charge, now);
            long park = parked.getOrDefault(charge.bucket(), now);
            boolean isParked = park > now && park >= free;
            if (Math.max(free, park) > until) {
                until = Math.max(free, park);
                longest = Optional.of(new Why.Hold.Limited(
                        charge.bucket().scope(),
                        isParked ? Decision.Cause.PARK : Decision.Cause.LIMIT,
                        Duration.of(until - now, ChronoUnit.MICROS)));
            }
        }
        return longest;
    }

    /** The first moment at which the window that ends there has room. */
    private long earliest(Charge charge, long now) {
        List<Long> times = units.getOrDefault(charge.bucket(), List.of());
        long window = window(charge.limit());
        return LongStream.concat(LongStream.of(now), times.stream().mapToLong(it -> it + window))
                .filter(end -> end >= now)
                .filter(end -> inWindow(times, window, end) + charge.weight()
                        <= charge.limit().capacity())
                .min()
                .orElseThrow();
    }

    private static long inWindow(List<Long> times, long window, long end) {
        return times.stream().filter(it -> it > end - window).count();
    }

    void charge(List<Charge> charges, long now) {
        for (Charge charge : charges) {
            for (int i = 0; i < charge.weight(); i++) {
                units.computeIfAbsent(charge.bucket(), bucket -> new ArrayList<>())
                        .add(now);
            }
        }
    }

    void park(Bucket bucket, long until) {
        parked.merge(bucket, until, Math::max);
    }

    /** What one bucket was charged counts for another, too. */
    void join(Bucket from, Bucket into) {
        units.computeIfAbsent(into, bucket -> new ArrayList<>()).addAll(units.getOrDefault(from, List.of()));
        if (parked.containsKey(from)) {
            park(into, parked.get(from));
        }
    }

    static long window(Limit limit) {
        return switch (limit) {
            case Limit.StrictWindow(int capacity, Duration window) -> window.toNanos() / 1_000;
            case Limit.Gcra gcra -> throw new IllegalArgumentException("the model knows strict windows only");
        };
    }
}
