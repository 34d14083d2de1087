package dev.sluice.benchmarks;

import dev.sluice.benchmarks.Rounds.Arm;
import dev.sluice.benchmarks.Rounds.Measured;
import dev.sluice.benchmarks.Rounds.Slice;
import dev.sluice.limit.AloneDecisions;
import dev.sluice.limit.Decision;
import dev.sluice.limit.RateLimiters;
import dev.sluice.redis.KeySpace;
import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What it brings that decisions which are asked at once share a call: beside one call for each, of the script for single decisions over
 * the same connection; and beside Bucket4j, whose callers share a round for one bucket. Nobody is remembered as denied, and the hot
 * limits are out of reach, so that all decisions are made by Redis and nearly all pass.
 */
final class CombinedDecisions {
    /** For as many callers as there are here to combine; what it should reach with them. */
    private static final int MANY = 256;

    private static final double OVER_ALONE = 2.5;
    private static final double OVER_BUCKET4J = 1;

    private final BenchmarkRedis redis;
    private final Tally tally = new Tally();

    CombinedDecisions(BenchmarkRedis redis) {
        this.redis = redis;
    }

    Section measure(Rounds rounds, int callers) {
        redis.forgetEverything();
        try (var bucket4j = new Bucket4jPeer(redis)) {
            List<Measured> results =
                    rounds.run(arms(bucket4j.batching("hot", Workload.OUT_OF_REACH)), callers, redis::cpuSeconds);
            return new Section(
                    "Decisions that are asked at once, " + callers + " callers",
                    "virtual threads on one connection, one bot, bot and chat in each decision; Bucket4j: the bot alone; "
                            + rounds.count() + " rounds of " + rounds.slice().toMillis() + " ms an arm; denied: "
                            + tally,
                    figures(results, callers == MANY));
        }
    }

    private List<Arm> arms(Bucket hot) {
        var alone = new AloneDecisions(redis.store(), new KeySpace("alone:"));
        var combined = RateLimiters.onRedis(redis.store(), new KeySpace("combined:"), Duration.ZERO);
        return List.of(
                new Arm(
                        "one by one, a million chats",
                        tally.counted(
                                "one by one",
                                random -> alone.tryAcquire(Workload.hotBot(random, Workload.OUT_OF_REACH))
                                        instanceof Decision.Allowed)),
                new Arm(
                        "combined, a million chats",
                        tally.counted(
                                "combined",
                                random -> combined.tryAcquire(Workload.hotBot(random, Workload.OUT_OF_REACH))
                                        instanceof Decision.Allowed)),
                new Arm(
                        "one by one, one chat",
                        tally.counted(
                                "one by one, one chat",
                                random -> alone.tryAcquire(Workload.hotChat(Workload.OUT_OF_REACH))
                                        instanceof Decision.Allowed)),
                new Arm(
                        "combined, one chat",
                        tally.counted(
                                "combined, one chat",
                                random -> combined.tryAcquire(Workload.hotChat(Workload.OUT_OF_REACH))
                                        instanceof Decision.Allowed)),
                new Arm("Bucket4j batching(), one bucket", tally.counted("Bucket4j", random -> hot.tryConsume(1))));
    }

    private static List<Figure> figures(List<Measured> results, boolean aiming) {
        var figures = new ArrayList<Figure>();
        results.forEach(arm -> figures.add(Figure.of(arm.name(), "/s", arm.each(Slice::perSecond))));
        figures.add(aimed(times(results.get(1), results.get(0)), OVER_ALONE, aiming));
        figures.add(aimed(times(results.get(3), results.get(2)), OVER_ALONE, aiming));
        figures.add(aimed(times(results.get(3), results.get(4)), OVER_BUCKET4J, aiming));
        results.forEach(arm -> figures.add(Figure.of("Redis' CPU: " + arm.name(), "us", arm.each(Slice::storeMicros))));
        results.forEach(arm -> figures.add(Figure.of("own CPU: " + arm.name(), "us", arm.each(Slice::ownMicros))));
        return figures;
    }

    private static Figure aimed(Figure figure, double bound, boolean aiming) {
        return aiming ? figure.atLeast(bound) : figure;
    }

    private static Figure times(Measured one, Measured other) {
        return Figure.of(
                one.name() + " over " + other.name(),
                "x",
                Figure.ratios(one.each(Slice::perSecond), other.each(Slice::perSecond)));
    }
}
