package dev.sluice.benchmarks;

import dev.sluice.benchmarks.Rounds.Arm;
import dev.sluice.limit.RateLimiters;
import java.util.ArrayList;
import java.util.List;

/** What a decision costs without any store between. */
final class MemoryDecisions {
    private MemoryDecisions() {}

    static Section measure(Rounds rounds) {
        var figures = new ArrayList<Figure>();
        for (int callers : List.of(1, 16)) {
            var limiter = RateLimiters.inMemory();
            var arm = new Arm("limiter", random -> limiter.tryAcquire(Workload.fourBuckets(random)));
            var measured = rounds.run(List.of(arm), callers, () -> 0).getFirst();
            figures.add(Figure.of(
                    "limiter: 4 buckets, " + callers + (callers == 1 ? " caller" : " callers"),
                    "ns",
                    measured.each(slice -> 1e9 / slice.perSecond())));
        }
        return new Section(
                "Decisions in memory",
                "time per decision over all callers, making the question included; " + rounds.count() + " rounds of "
                        + rounds.slice().toMillis() + " ms",
                figures);
    }
}
