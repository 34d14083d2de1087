package dev.sluice.namedlimit;

import dev.sluice.limit.Bucket;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who waits for which bucket in this process, and for how long at most, so that the process' place in a bucket's line ends with them: no
 * sooner, or others would pass before them again and again, and hardly later, or it would hold others up for nobody. Thread-safe. Times are
 * {@link System#nanoTime}.
 */
final class Crowds {
    /** How much longer a place is kept than anybody waits: whoever comes next has time to ask for it anew. */
    static final Duration MARGIN = Duration.ofMillis(500);

    private final ConcurrentHashMap<Bucket, Crowd> crowds = new ConcurrentHashMap<>();

    /**
     * @param inside how many wait
     * @param latest when the last of them, or of those before them, gives up
     * @param kept until when the place was asked for
     */
    private record Crowd(int inside, long latest, long kept) {}

    void entered(Bucket bucket, long deadline) {
        crowds.merge(
                bucket,
                new Crowd(1, deadline, deadline),
                (crowd, one) -> new Crowd(crowd.inside + 1, later(crowd.latest, deadline), crowd.kept));
    }

    /** The place is asked for now: for how long. To be called by one of those inside. */
    Duration stays(Bucket bucket, long now) {
        Crowd asking =
                crowds.computeIfPresent(bucket, (key, crowd) -> new Crowd(crowd.inside, crowd.latest, crowd.latest));
        return MARGIN.plusNanos(asking == null ? 0 : Math.max(0, asking.latest - now));
    }

    /** @return whether others are left whose place lapses soon: one of them should ask anew */
    boolean left(Bucket bucket, long now) {
        Crowd others = crowds.computeIfPresent(
                bucket,
                (key, crowd) -> crowd.inside == 1 ? null : new Crowd(crowd.inside - 1, crowd.latest, crowd.kept));
        return others != null && others.kept - now <= 0 && others.latest - now > 0;
    }

    private static long later(long one, long other) {
        return other - one > 0 ? other : one;
    }
}
