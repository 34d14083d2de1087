package dev.sluice.budget;

import dev.sluice.redis.KeySpace;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** What the benchmarks need to run the one script of a budget without anything around it. */
public final class ConsumeScript {
    private ConsumeScript() {}

    public static String source() {
        return BudgetScripts.CONSUME.source();
    }

    public static String key(KeySpace keys, Budget budget, long user) {
        return BudgetScripts.key(keys, Long.toString(user), budget);
    }

    /** What it is given for a message of somebody who is not exempt. */
    public static String[] arguments(Budget budget) {
        byte[] window = BudgetScripts.window(budget.window(), Instant.EPOCH);
        return new String[] {new String(window, StandardCharsets.US_ASCII), Long.toString(budget.limit()), ""};
    }
}
