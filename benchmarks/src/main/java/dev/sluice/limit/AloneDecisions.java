package dev.sluice.limit;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.ScriptRunner;

/** Decisions one by one, each by a call of its own: what combined ones are compared with. Thread-safe. */
public final class AloneDecisions {
    private final DecisionCalls calls;

    public AloneDecisions(ScriptRunner redis, KeySpace keys) {
        this.calls = new DecisionCalls(redis, keys);
    }

    public Decision tryAcquire(Acquisition acquisition) {
        return calls.alone(acquisition, calls.deadline()).decision();
    }
}
