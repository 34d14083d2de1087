package dev.sluice.benchmarks;

import dev.sluice.benchmarks.Rounds.Arm;
import dev.sluice.benchmarks.Rounds.Measured;
import dev.sluice.benchmarks.Rounds.Slice;
import dev.sluice.delivery.AdmitScript;
import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.Caller;
import dev.sluice.delivery.Deliveries;
import dev.sluice.delivery.Deliveries.StoreFailure;
import dev.sluice.delivery.DeliveryEvents;
import dev.sluice.delivery.DeliverySettings;
import dev.sluice.delivery.Outcome;
import dev.sluice.delivery.Reply;
import dev.sluice.encryption.Sealer;
import dev.sluice.limit.Decision;
import dev.sluice.limit.OnStoreFailure;
import dev.sluice.limit.OutageListener;
import dev.sluice.limit.RateLimiters;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/** How many decisions a second one process gets out of one Redis, and which part of the floor under it that is. */
final class RedisDecisions {
    private static final Script NOTHING =
            Script.of("benchmarks/nothing", new Part(RedisDecisions.class, "nothing.lua"));

    private static final Attempt ANSWER =
            new Attempt.Answered(Reply.of(200, "{\"ok\":true,\"result\":true}".getBytes(StandardCharsets.UTF_8)));

    private final BenchmarkRedis redis;
    private final Tally tally = new Tally();

    RedisDecisions(BenchmarkRedis redis) {
        this.redis = redis;
    }

    Section measure(Rounds rounds, int callers) {
        redis.forgetEverything();
        try (var delivery = delivery()) {
            List<Measured> results = rounds.run(arms(delivery), callers, redis::cpuSeconds);
            var figures = new ArrayList<Figure>();
            figures.addAll(figures(results, "", "/s", Slice::perSecond));
            figures.addAll(figures(results, "Redis' CPU: ", "us", Slice::storeMicros));
            figures.addAll(figures(results, "own CPU: ", "us", Slice::ownMicros));
            return new Section(
                    "Decisions on Redis, " + callers + " callers",
                    "virtual threads on one connection, " + rounds.count() + " rounds of "
                            + rounds.slice().toMillis() + " ms an arm; " + Workload.BOTS + " bots; denied: "
                            + tally,
                    figures);
        }
    }

    private static List<Figure> figures(
            List<Measured> results, String prefix, String unit, ToDoubleFunction<Slice> part) {
        Measured floor = results.getFirst();
        String floorName = prefix + floor.name();
        var figures = new ArrayList<Figure>();
        figures.add(Figure.of(floorName, unit, floor.each(part)));
        for (Measured arm : results.subList(1, results.size())) {
            figures.add(Figure.compared(prefix + arm.name(), unit, arm.each(part), floorName, floor.each(part)));
        }
        return figures;
    }

    /** The first is the floor that the others are compared with. */
    private List<Arm> arms(Deliveries.Closeable delivery) {
        var limiter = RateLimiters.onRedis(redis.store(), new KeySpace("limit:"));
        var admit = new AdmitScript(redis.store(), new KeySpace("admit:"));
        return List.of(
                redis.floor(),
                new Arm(
                        "empty script through RedisStore",
                        random -> redis.store().run(NOTHING, List.of(), List.of())),
                new Arm(
                        "limiter: 4 buckets",
                        tally.counted(
                                "limiter",
                                random ->
                                        limiter.tryAcquire(Workload.fourBuckets(random)) instanceof Decision.Allowed)),
                new Arm("delivery's decision: claim and 4 buckets", tally.counted("decision", random -> {
                    var acquisition = Workload.fourBuckets(random);
                    return admit.admit(Workload.claim(acquisition.tag(), random), acquisition);
                })),
                new Arm(
                        "whole delivery: decide, send nothing, settle",
                        tally.counted("delivery", random -> passes(delivery, random))));
    }

    private static boolean passes(Deliveries.Closeable delivery, RandomGenerator random) throws InterruptedException {
        var delivered = delivery.deliver(Workload.message(random), new Caller(), dispatch -> ANSWER);
        delivered.receipt().answered();
        return switch (delivered.outcome()) {
            case Outcome.Sent sent -> true;
            case Outcome.RateLimited limited -> false;
            case Outcome other -> throw new IllegalStateException("a delivery ended as " + other);
        };
    }

    private Deliveries.Closeable delivery() {
        return Deliveries.onRedis(
                redis.store(),
                redis.store(),
                new KeySpace("delivery:"),
                DeliverySettings.DEFAULT,
                DeliveryEvents.NONE,
                Deliveries.newProcess(),
                new StoreFailure(
                        () -> 1,
                        OnStoreFailure.CLOSED,
                        OnStoreFailure.CLOSED,
                        OnStoreFailure.CLOSED,
                        OutageListener.NONE,
                        guard -> {}),
                Sealer.NONE);
    }
}
