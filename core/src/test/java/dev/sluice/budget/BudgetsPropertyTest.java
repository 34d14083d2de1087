package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Random windows, limits and steps: memory and Redis answer alike, no window lets more pass than its number and its grants. */
class BudgetsPropertyTest {
    private static final long USER = 42;
    private static final Whitelist ANN = Whitelist.of(List.of("@ann"));

    private final SharedRedis redis = RedisFixture.shared();

    enum Kind {
        CONSUME,
        EXEMPT,
        GRANT,
        RESET,
        LOOK
    }

    /** @param later microseconds after the one before */
    record Step(long later, Kind kind) {}

    record Scenario(Window window, long limit, List<Step> steps) {}

    @Provide
    Arbitrary<Scenario> scenarios() {
        Arbitrary<Window> windows = Arbitraries.of(
                new Window.FirstMessage(Duration.ofMillis(1_500)),
                new Window.FirstMessage(Duration.ofDays(1)),
                new Window.Idle(Duration.ofHours(5)),
                new Window.CalendarDay(ZoneId.of("Europe/Berlin")),
                new Window.CalendarDay(ZoneId.of("Pacific/Apia")));
        Arbitrary<Long> later = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.of(0L, 1L, 499_999L, 1_500_000L)),
                Tuple.of(2, Arbitraries.longs().between(0, 40L * 3_600_000_000L)),
                Tuple.of(1, Arbitraries.of(5L * 3_600_000_000L, 24L * 3_600_000_000L)));
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(12, Kind.CONSUME),
                Tuple.of(2, Kind.EXEMPT),
                Tuple.of(2, Kind.GRANT),
                Tuple.of(1, Kind.RESET),
                Tuple.of(2, Kind.LOOK));
        return Combinators.combine(
                        windows,
                        Arbitraries.longs().between(0, 4),
                        Combinators.combine(later, kinds)
                                .as(Step::new)
                                .list()
                                .ofMinSize(1)
                                .ofMaxSize(50))
                .as(Scenario::new);
    }

    @Property(tries = 200)
    void both_backends_answer_alike_and_keep_the_budget(@ForAll("scenarios") Scenario scenario) {
        redis.flush();
        var clock = new SettableMicros();
        var runner = redis.clockRunner();
        Budgets held = new InMemoryBudgets(clock, 10);
        Budgets shared = new RedisBudgets(
                (script, keys, args) -> {
                    runner.setNow(clock.getAsLong());
                    return runner.run(script, keys, args);
                },
                KeySpace.DEFAULT,
                InstantSource.system());
        Budget budget = new Budget("messages", scenario.limit(), scenario.window(), ANN);
        var passed = new ArrayList<Instant>();
        long bonus = 0;
        for (Step step : scenario.steps()) {
            clock.advanceMicros(step.later());
            switch (step.kind()) {
                case CONSUME -> {
                    Consumption answer = shared.consume(budget, BudgetUser.of(USER));
                    assertThat(held.consume(budget, BudgetUser.of(USER))).isEqualTo(answer);
                    if (answer.passes()) {
                        passed.add(answer.resetsAt());
                    }
                    assertTold(answer.usage(), answer.passes(), scenario.limit());
                }
                case EXEMPT -> {
                    Consumption answer = shared.consume(budget, BudgetUser.of(USER, "Ann"));
                    assertThat(held.consume(budget, BudgetUser.of(USER, "Ann"))).isEqualTo(answer);
                    assertThat(answer).isInstanceOf(Consumption.Exempt.class);
                }
                case GRANT -> {
                    Usage usage = shared.grant(budget, USER, 2);
                    assertThat(held.grant(budget, USER, 2)).isEqualTo(usage);
                    bonus = Math.max(bonus, usage.bonus());
                }
                case RESET -> {
                    assertThat(held.reset(budget, USER)).isEqualTo(shared.reset(budget, USER));
                    passed.clear();
                    bonus = 0;
                }
                case LOOK -> assertThat(held.usage(budget, USER)).isEqualTo(shared.usage(budget, USER));
            }
            for (String key : redis.commands().keys("*")) {
                assertThat(redis.commands().pttl(key)).as("TTL of %s", key).isNotEqualTo(-1);
            }
        }
        // Of an idle window every message moves the end, so that its own messages do not share one.
        if (!(scenario.window() instanceof Window.Idle)) {
            for (Instant end : passed) {
                assertThat(passed.stream().filter(end::equals).count()).isLessThanOrEqualTo(scenario.limit() + bonus);
            }
        }
    }

    private static void assertTold(Usage usage, boolean passes, long limit) {
        assertThat(usage.limit()).isEqualTo(limit);
        assertThat(usage.remaining()).isEqualTo(Math.max(0, limit + usage.bonus() - usage.count()));
        assertThat(usage.resetsIn()).isPositive();
        if (passes) {
            assertThat(usage.count()).isLessThanOrEqualTo(limit + usage.bonus());
        } else {
            assertThat(usage.remaining()).isZero();
        }
    }
}
