package dev.sluice.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** How many of each arm's calls were denied: a denial is less work, so there should be few. */
final class Tally {
    private final List<Share> shares = new ArrayList<>();

    /** A call that says whether it may pass. */
    interface Decided {
        boolean passes(RandomGenerator random) throws Exception;
    }

    Rounds.Call counted(String name, Decided decided) {
        var share = new Share(name, new LongAdder(), new LongAdder());
        shares.add(share);
        return random -> (decided.passes(random) ? share.passed() : share.denied()).increment();
    }

    /** Such as {@code limiter 1.2 %, delivery 1.3 %}. */
    @Override
    public String toString() {
        return shares.stream().map(Share::toString).collect(Collectors.joining(", "));
    }

    private record Share(String name, LongAdder passed, LongAdder denied) {
        @Override
        public String toString() {
            double all = Math.max(1, passed.sum() + denied.sum());
            return String.format(Locale.ROOT, "%s %.1f %%", name, 100 * denied.sum() / all);
        }
    }
}
