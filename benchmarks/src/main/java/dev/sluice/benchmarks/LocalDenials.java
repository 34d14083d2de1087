package dev.sluice.benchmarks;

import dev.sluice.benchmarks.Rounds.Arm;
import dev.sluice.benchmarks.Rounds.Measured;
import dev.sluice.benchmarks.Rounds.Slice;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Limit;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.SharedRateLimiter;
import dev.sluice.redis.KeySpace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a denial costs that is remembered, beside one that Redis is asked for and beside the floor of a round trip. */
final class LocalDenials {
    private static final double OVER_FLOOR = 20;

    /** Nearly all of so many callers are denied. */
    private static final Limit EXHAUSTED = Limit.atMost(100, Duration.ofSeconds(1));

    private final BenchmarkRedis redis;
    private final Tally tally = new Tally();

    LocalDenials(BenchmarkRedis redis) {
        this.redis = redis;
    }

    Section measure(Rounds rounds, int callers) {
        redis.forgetEverything();
        var asks = RateLimiters.onRedis(redis.store(), new KeySpace("asks:"), Duration.ZERO);
        var remembers = RateLimiters.onRedis(redis.store(), new KeySpace("remembers:"));
        List<Measured> results = rounds.run(
                List.of(redis.floor(), arm("asked for every time", asks), arm("remembered", remembers)),
                callers,
                redis::cpuSeconds);
        Measured floor = results.getFirst();
        var figures = new ArrayList<Figure>();
        figures.add(Figure.of(floor.name(), "/s", floor.each(Slice::perSecond)));
        figures.add(perSecond(results.get(1), floor));
        figures.add(perSecond(results.get(2), floor).atLeast(OVER_FLOOR));
        results.forEach(arm -> figures.add(Figure.of("own CPU: " + arm.name(), "us", arm.each(Slice::ownMicros))));
        return new Section(
                "Denials by a full bucket, " + callers + " callers",
                "virtual threads, one bot of 100/s and one chat; " + rounds.count() + " rounds of "
                        + rounds.slice().toMillis() + " ms an arm; ratios are to the floor; denied: " + tally,
                figures);
    }

    private Arm arm(String name, SharedRateLimiter limiter) {
        return new Arm(
                name,
                tally.counted(
                        name, random -> limiter.tryAcquire(Workload.hotChat(EXHAUSTED)) instanceof Decision.Allowed));
    }

    private static Figure perSecond(Measured arm, Measured floor) {
        return Figure.compared(
                arm.name(), "/s", arm.each(Slice::perSecond), floor.name(), floor.each(Slice::perSecond));
    }
}
