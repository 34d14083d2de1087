package dev.sluice.benchmarks;

import dev.sluice.benchmarks.Rounds.Arm;
import dev.sluice.benchmarks.Rounds.Measured;
import dev.sluice.benchmarks.Rounds.Slice;
import dev.sluice.delivery.AdmitScript;
import dev.sluice.limit.Acquisition;
import dev.sluice.limit.Bucket;
import dev.sluice.limit.Decision;
import dev.sluice.limit.Limit;
import dev.sluice.limit.RateLimiters;
import dev.sluice.redis.KeySpace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** The same four limits by Sluice and by libraries that people use for such limits, on the same Redis, in turns. */
final class PeerDecisions {
    /** Several for every limiter of a bot, a group or a user: nearly all of them are met. */
    private static final int INTRODUCTIONS = 200_000;

    private final BenchmarkRedis redis;
    private final String who;
    private final Function<RandomGenerator, Acquisition> questions;

    private PeerDecisions(BenchmarkRedis redis, String who, Function<RandomGenerator, Acquisition> questions) {
        this.redis = redis;
        this.who = who;
        this.questions = questions;
    }

    /** Bots by the thousand, each within its limits: no two callers meet at a bucket. */
    static PeerDecisions spread(BenchmarkRedis redis) {
        return new PeerDecisions(redis, Workload.BOTS + " bots of 30/s", Workload::fourBuckets);
    }

    /** One bot that all callers send through: they meet at its bucket. */
    static PeerDecisions busy(BenchmarkRedis redis) {
        return new PeerDecisions(redis, "one busy bot, 10,000/s", Workload::fourBucketsOfABusyBot);
    }

    /**
     * What each arm should reach.
     *
     * @param floor Sluice's part of the floor
     * @param bucket4j how many times Bucket4j
     * @param redisson how many times Redisson
     */
    record Aims(double floor, double bucket4j, double redisson) {}

    Section measure(Rounds rounds, int callers, Aims aims) throws Exception {
        redis.forgetEverything();
        try (var bucket4j = new Bucket4jPeer(redis);
                var redisson = new RedissonPeer(redis)) {
            introduce(redisson, callers);
            var tally = new Tally();
            List<Measured> results = rounds.run(arms(bucket4j, redisson, tally), callers, redis::cpuSeconds);
            return new Section(
                    "The same four limits by peers, " + who + ", " + callers + " callers",
                    "bot, chat 1/s, group 20/min, user 20/min; Sluice in one step, the others one after the other; "
                            + rounds.count() + " rounds of " + rounds.slice().toMillis()
                            + " ms an arm; ratios are to the floor; denied: " + tally,
                    figures(results, aims));
        }
    }

    /** A bucket's name within a peer's keys. */
    static String name(Bucket bucket) {
        return bucket.tag() + ":" + bucket.scope() + ":" + bucket.subject();
    }

    static Duration window(Limit limit) {
        return switch (limit) {
            case Limit.StrictWindow window -> window.window();
            case Limit.Gcra smooth -> smooth.interval().multipliedBy(smooth.capacity());
        };
    }

    private List<Arm> arms(Bucket4jPeer bucket4j, RedissonPeer redisson, Tally tally) {
        var limiter = RateLimiters.onRedis(redis.store(), new KeySpace("peers:"));
        var admit = new AdmitScript(redis.store(), new KeySpace("peers-admit:"));
        return List.of(
                redis.floor(),
                new Arm(
                        "Sluice",
                        tally.counted(
                                "Sluice",
                                random -> limiter.tryAcquire(questions.apply(random)) instanceof Decision.Allowed)),
                new Arm("Sluice, with idempotency", tally.counted("with idempotency", random -> {
                    var acquisition = questions.apply(random);
                    return admit.admit(Workload.claim(acquisition.tag(), random), acquisition);
                })),
                new Arm(
                        "Bucket4j on Lettuce",
                        tally.counted("Bucket4j", random -> bucket4j.tryAcquire(questions.apply(random)))),
                new Arm(
                        "Redisson RRateLimiter",
                        tally.counted("Redisson", random -> redisson.tryAcquire(questions.apply(random)))));
    }

    private static List<Figure> figures(List<Measured> results, Aims aims) {
        Measured floor = results.get(0);
        Measured sluice = results.get(1);
        var figures = new ArrayList<Figure>();
        figures.add(Figure.of(floor.name(), "/s", floor.each(Slice::perSecond)));
        figures.add(perSecond(sluice, floor).atLeast(aims.floor()));
        results.subList(2, results.size()).forEach(arm -> figures.add(perSecond(arm, floor)));
        figures.add(times(sluice, results.get(3)).atLeast(aims.bucket4j()));
        figures.add(times(sluice, results.get(4)).atLeast(aims.redisson()));
        results.forEach(arm -> figures.add(Figure.of("Redis' CPU: " + arm.name(), "us", arm.each(Slice::storeMicros))));
        results.forEach(arm -> figures.add(Figure.of("own CPU: " + arm.name(), "us", arm.each(Slice::ownMicros))));
        return figures;
    }

    private static Figure perSecond(Measured arm, Measured floor) {
        return Figure.compared(
                arm.name(), "/s", arm.each(Slice::perSecond), floor.name(), floor.each(Slice::perSecond));
    }

    private static Figure times(Measured sluice, Measured peer) {
        return Figure.of(
                "Sluice over " + peer.name(),
                "x",
                Figure.ratios(sluice.each(Slice::perSecond), peer.each(Slice::perSecond)));
    }

    /** Tells the limiters that will be met again and again their rates, as a process has that runs for a while. */
    private void introduce(RedissonPeer redisson, int callers) throws InterruptedException, ExecutionException {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var introductions = new ArrayList<Future<?>>();
            for (int caller = 0; caller < callers; caller++) {
                introductions.add(threads.submit(() -> {
                    RandomGenerator random = new SplittableRandom();
                    for (int i = 0; i < INTRODUCTIONS / callers; i++) {
                        questions.apply(random).charges().stream()
                                .filter(charge -> !charge.bucket().scope().equals("chat"))
                                .forEach(redisson::limiter);
                    }
                }));
            }
            for (Future<?> introduction : introductions) {
                introduction.get();
            }
        }
    }
}
