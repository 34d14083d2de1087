package dev.sluice.execution;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts by kind of work, for those who have no metrics of their own. Kinds are as many as there are executors. Thread-safe. */
public final class ExecutionCounts implements ExecutionEvents {
    private final Map<String, Adders> kinds = new ConcurrentHashMap<>();

    private record Adders(LongAdder calls, LongAdder runs, LongAdder prevented, LongAdder saved) {
        Adders() {
            this(new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder());
        }
    }

    /**
     * Since the beginning, of one kind.
     *
     * @param calls of the executor that ended
     * @param runs of the work, failed ones included
     * @param duplicatesPrevented repeats that did not run
     * @param callsSaved those of them that were told the first one's outcome
     */
    public record Counts(long calls, long runs, long duplicatesPrevented, long callsSaved) {}

    @Override
    public void ended(String kind, Execution<?> execution) {
        Adders adders = kinds.computeIfAbsent(kind, any -> new Adders());
        adders.calls.increment();
        if (execution instanceof Execution.Ran || execution instanceof Execution.Failed) {
            adders.runs.increment();
        }
        if (execution.isDuplicatePrevented()) {
            adders.prevented.increment();
        }
        if (execution.isCallSaved()) {
            adders.saved.increment();
        }
    }

    public Counts of(String kind) {
        Adders adders = kinds.getOrDefault(kind, new Adders());
        return new Counts(adders.calls.sum(), adders.runs.sum(), adders.prevented.sum(), adders.saved.sum());
    }
}
