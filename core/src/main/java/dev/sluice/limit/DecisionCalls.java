package dev.sluice.limit;

import dev.sluice.limit.CombinedScript.Answer;
import dev.sluice.limit.CombinedScript.Run;
import dev.sluice.redis.Combiner;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Decisions by Redis: one by one script, or several by another, which share a hash tag. Thread-safe. */
final class DecisionCalls implements Combiner.Calls<Acquisition, Answer> {
    private static final Script ACQUIRE =
            Script.of("limit/acquire", BucketScript.BUCKETS, BucketScript.DECISION, part("acquire"));
    private static final Script ACQUIRE_ALL = Script.of(
            "limit/acquire-all",
            CombinedScript.HELD,
            BucketScript.BUCKETS,
            BucketScript.DECISION,
            CombinedScript.COMBINED,
            part("acquire-all"));

    private final ScriptRunner redis;
    private final KeySpace keys;

    DecisionCalls(ScriptRunner redis, KeySpace keys) {
        this.redis = redis;
        this.keys = keys;
    }

    @Override
    public String name() {
        return ACQUIRE.name();
    }

    @Override
    public Optional<Duration> deadline() {
        return redis.deadline();
    }

    @Override
    public int size(Acquisition acquisition) {
        return acquisition.charges().size();
    }

    @Override
    public Answer alone(Acquisition acquisition, Optional<Duration> timeout) {
        List<byte[]> args = List.of(BucketScript.argument(acquisition));
        return Answer.read(acquisition, redis.run(ACQUIRE, BucketScript.keys(acquisition, keys), args, timeout), 0);
    }

    @Override
    public List<Answer> together(List<Acquisition> questions, Optional<Duration> timeout) {
        List<Run> runs = Run.of(questions);
        var call = CombinedScript.Call.of(runs, keys);
        ScriptReply reply = redis.run(ACQUIRE_ALL, call.keys(), call.args(), timeout);
        return CombinedScript.answers(runs, reply);
    }

    private static Part part(String name) {
        return new Part(DecisionCalls.class, name + ".lua");
    }
}
