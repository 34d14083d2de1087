package dev.sluice.limit;

import dev.sluice.limit.Acquisition.Enforcement;
import dev.sluice.limit.CombinedScript.Answer;
import dev.sluice.redis.Combiner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Buckets in Redis, shared by every process. A decision is made in one step, whatever the number of buckets; those that are asked at once
 * share a call.
 */
final class RedisRateLimiter implements SharedRateLimiter {
    private static final Script SHADOWED = script("acquire-shadowed", BucketScript.DECISION, BucketScript.SHADOW);
    private static final Script POSTPONE = script("postpone", BucketScript.CORRECTIONS);
    private static final Script PARK = script("park", BucketScript.CORRECTIONS);
    private static final Script STATISTICS = script("statistics");
    private static final Script FLOOD =
            script("flood", BucketScript.CORRECTIONS, BucketScript.FLOODS, BucketScript.LEARNING);
    private static final Script FORGET = script("forget");

    private final ScriptRunner redis;
    private final KeySpace keys;
    private final Combiner<Acquisition, Answer> decisions;
    private final DeniedUntil denials;

    /** Asks every time. */
    RedisRateLimiter(ScriptRunner redis, KeySpace keys) {
        this(redis, keys, new DeniedUntil(Duration.ZERO, System::nanoTime));
    }

    /** @param denials what it remembers, used by nobody else */
    RedisRateLimiter(ScriptRunner redis, KeySpace keys, DeniedUntil denials) {
        this.redis = redis;
        this.keys = keys;
        this.decisions = new Combiner<>(new DecisionCalls(redis, keys), CombinedScript.MOST_BUCKETS);
        this.denials = denials;
    }

    @Override
    public Decision tryAcquire(Acquisition acquisition) {
        if (acquisition.enforcement() == Enforcement.SHADOWED) {
            // Denied by nothing but parks, it has nothing to remember, and others nothing to share with it.
            ScriptReply reply = redis.run(
                    SHADOWED, BucketScript.keys(acquisition, keys), List.of(BucketScript.argument(acquisition)));
            return BucketScript.decision(acquisition, reply, 0);
        }
        Optional<Decision.Denied> known = denials.find(acquisition);
        if (known.isPresent()) {
            return known.get();
        }
        long sent = denials.now();
        Answer answer = decisions.ask(acquisition.tag(), acquisition);
        denials.note(acquisition, answer, sent);
        return answer.decision();
    }

    @Override
    public void postpone(Acquisition acquisition, Decision.Allowed admission, Duration by) {
        Durations.require("a postponement", by, Limit.LONGEST_SPAN);
        redis.run(
                POSTPONE,
                BucketScript.keys(acquisition, keys),
                List.of(
                        BucketScript.ascii(Long.toString(admission.at())),
                        BucketScript.ascii(Long.toString(Microseconds.of(by))),
                        BucketScript.argument(acquisition)));
    }

    @Override
    public void park(Bucket bucket, Duration duration) {
        Durations.require("a park", duration, LONGEST_PARK);
        redis.run(
                PARK, List.of(bucket.key(keys)), List.of(BucketScript.ascii(Long.toString(Microseconds.of(duration)))));
    }

    @Override
    public BucketStatistics statistics(Bucket bucket, Limit limit) {
        ScriptReply reply = redis.run(STATISTICS, List.of(bucket.key(keys)), List.of(BucketScript.argument(limit)));
        return new BucketStatistics(
                bucket,
                limit,
                (int) reply.number(0),
                (int) reply.number(1),
                Microseconds.duration(reply.number(2)),
                Microseconds.duration(reply.number(3)),
                (int) reply.number(4),
                reply.size() > 5
                        ? Optional.of(new LearnedPace(
                                reply.number(5) / 1000.0,
                                reply.number(6) / 1000.0,
                                Microseconds.duration(reply.number(7)),
                                Microseconds.duration(reply.number(8))))
                        : Optional.empty());
    }

    @Override
    public Floods.Told flooded(Flood flood) {
        ScriptReply reply = redis.run(FLOOD, FloodScript.keys(flood, keys), FloodScript.arguments(flood));
        return FloodScript.told(flood, reply, 0);
    }

    @Override
    public boolean forgetLearned(Bucket bucket) {
        return redis.run(FORGET, List.of(bucket.key(keys)), List.of()).number(0) == 1;
    }

    @Override
    public RoundTrips roundTrips() {
        Combiner.Statistics asked = decisions.statistics();
        return new RoundTrips(asked.questions(), asked.calls(), denials.answered());
    }

    private static Script script(String name, Part... libraries) {
        var parts = new ArrayList<Part>();
        parts.add(BucketScript.BUCKETS);
        parts.addAll(List.of(libraries));
        parts.add(new Part(RedisRateLimiter.class, name + ".lua"));
        return Script.of("limit/" + name, parts.toArray(Part[]::new));
    }
}
