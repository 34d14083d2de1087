package dev.sluice.limit;

import java.time.Duration;

/**
 * What one action costs in one bucket.
 *
 * @param bucket what is charged
 * @param limit what the bucket lets through
 * @param weight 0 to 10,000; 0 only asks whether the bucket is parked. More than the limit's capacity waits for an empty
 *     bucket and then fills as many windows as it needs, {@link Limit#LONGEST} at most
 */
public record Charge(Bucket bucket, Limit limit, int weight) {
    public static final int MAX_WEIGHT = 10_000;

    public Charge {
        if (weight < 0 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight must be 0 to 10000, not " + weight);
        }
        Duration busy = switch (limit) {
            case Limit.StrictWindow(int capacity, Duration window) ->
                window.multipliedBy(Math.ceilDiv(weight, capacity));
            case Limit.Gcra(int capacity, Duration interval) -> interval.multipliedBy(weight);
        };
        if (busy.compareTo(Limit.LONGEST) > 0) {
            throw new IllegalArgumentException("weight " + weight + " would keep " + bucket + " busy for " + busy
                    + ", longer than " + Limit.LONGEST + ", under " + limit);
        }
    }
}
