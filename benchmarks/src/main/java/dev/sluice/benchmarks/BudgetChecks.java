package dev.sluice.benchmarks;

import dev.sluice.benchmarks.Rounds.Arm;
import dev.sluice.benchmarks.Rounds.Measured;
import dev.sluice.benchmarks.Rounds.Slice;
import dev.sluice.budget.Budget;
import dev.sluice.budget.BudgetUser;
import dev.sluice.budget.Budgets;
import dev.sluice.budget.ConsumeScript;
import dev.sluice.redis.KeySpace;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/** What a budget's check costs, beside the same script on a bare connection, and beside the two commands of the source's pseudocode. */
final class BudgetChecks {
    private static final int USERS = 100_000;
    private static final Budget BUDGET = Budget.of("messages", 30, Duration.ofDays(1));
    private static final KeySpace RAW = new KeySpace("raw:");
    private static final long PATIENCE_SECONDS = 10;

    private final BenchmarkRedis redis;

    BudgetChecks(BenchmarkRedis redis) {
        this.redis = redis;
    }

    Section measure(Rounds rounds, int callers) {
        redis.forgetEverything();
        List<Measured> results = rounds.run(arms(), callers, redis::cpuSeconds);
        var figures = new ArrayList<Figure>();
        figures.addAll(figures(results, "", "/s", Slice::perSecond));
        figures.addAll(figures(results, "Redis' CPU: ", "us", Slice::storeMicros));
        figures.addAll(figures(results, "own CPU: ", "us", Slice::ownMicros));
        return new Section(
                "A budget's check on Redis, " + callers + " callers",
                "virtual threads on one connection, " + rounds.count() + " rounds of "
                        + rounds.slice().toMillis() + " ms an arm; " + USERS + " users at random, 30 a day each",
                figures);
    }

    private static List<Figure> figures(
            List<Measured> results, String prefix, String unit, ToDoubleFunction<Slice> part) {
        Measured raw = results.getFirst();
        var figures = new ArrayList<Figure>();
        figures.add(Figure.of(prefix + raw.name(), unit, raw.each(part)));
        for (Measured arm : results.subList(1, results.size())) {
            figures.add(
                    Figure.compared(prefix + arm.name(), unit, arm.each(part), prefix + raw.name(), raw.each(part)));
        }
        return figures;
    }

    /** The first is what the others are compared with. */
    private List<Arm> arms() {
        var commands = redis.bare().async();
        String sha = redis.bare().sync().scriptLoad(ConsumeScript.source());
        String[] arguments = ConsumeScript.arguments(BUDGET);
        var budgets = Budgets.onRedis(redis.store(), KeySpace.DEFAULT);
        return List.of(
                new Arm(
                        "raw EVALSHA of the same script, bare Lettuce",
                        random -> commands.evalsha(
                                        sha,
                                        ScriptOutputType.MULTI,
                                        new String[] {ConsumeScript.key(RAW, BUDGET, user(random))},
                                        arguments)
                                .get(PATIENCE_SECONDS, TimeUnit.SECONDS)),
                new Arm("Budgets.consume", random -> budgets.consume(BUDGET, BudgetUser.of(user(random)))),
                new Arm("the source's INCR, then EXPIRE if it is the first", random -> {
                    String key = "source:budget:" + user(random);
                    if (commands.incr(key).get(PATIENCE_SECONDS, TimeUnit.SECONDS) == 1) {
                        commands.expire(key, 86_400).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    }
                }),
                redis.floor());
    }

    private static long user(RandomGenerator random) {
        return 1 + random.nextInt(USERS);
    }
}
