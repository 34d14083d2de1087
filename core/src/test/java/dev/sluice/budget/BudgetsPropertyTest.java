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

/**
 * Random windows, limits and steps: memory and Redis answer alike, and as a plain model that remembers each message, and finds out anew each
 * time which of them still count.
 */
class BudgetsPropertyTest {
    private static final long USER = 42;
    private static final Whitelist ANN = Whitelist.of(List.of("@ann"));

    private final SharedRedis redis = RedisFixture.shared();

    enum Kind {
        CONSUME,
        EXEMPT,
        GRANT,
        RESET,
        LOOK,
        /** With a shorter window than the rest. */
        LOOK_SHORTER
    }

    /** All that happened since the last reset, by its time; nothing of when a window ends is kept. */
    private static final class PlainModel {
        private final Window window;
        private final long limit;
        private final List<Event> events = new ArrayList<>();

        private record Event(Instant at, Kind kind, boolean passed) {
            boolean is(Kind wanted) {
                return kind == wanted;
            }
        }

        PlainModel(Window window, long limit) {
            this.window = window;
            this.limit = limit;
        }

        /** Where what still counts begins: goes through all from the first, and begins anew wherever a window had ended. */
        private List<Event> counting(Instant now) {
            var present = new ArrayList<Event>();
            for (Event event : events) {
                if (!present.isEmpty() && !event.at().isBefore(end(present))) {
                    present.clear();
                }
                present.add(event);
            }
            return !present.isEmpty() && now.isBefore(end(present)) ? present : List.of();
        }

        /** Of a window, by the message that tells it; of what is there without one, by the first rejection or the last grant. */
        private Instant end(List<Event> present) {
            List<Event> passed = present.stream().filter(Event::passed).toList();
            if (!passed.isEmpty()) {
                return window.end((window instanceof Window.Idle ? passed.getLast() : passed.getFirst()).at());
            }
            List<Event> grants =
                    present.stream().filter(event -> event.is(Kind.GRANT)).toList();
            return window.end((grants.isEmpty() ? present.getFirst() : grants.getLast()).at());
        }

        boolean asks(Instant now, boolean exempt) {
            List<Event> present = counting(now);
            long passed = present.stream().filter(Event::passed).count();
            boolean passes = exempt || passed < limit + bonus(present);
            events.add(new Event(now, Kind.CONSUME, passes));
            return passes;
        }

        void grants(Instant now) {
            events.add(new Event(now, Kind.GRANT, false));
        }

        void forgets() {
            events.clear();
        }

        private static long bonus(List<Event> present) {
            return 2 * present.stream().filter(event -> event.is(Kind.GRANT)).count();
        }

        void assertTold(Usage usage, Instant now) {
            List<Event> present = counting(now);
            long passed = present.stream().filter(Event::passed).count();
            assertThat(usage.count()).isEqualTo(passed);
            assertThat(usage.rejected())
                    .isEqualTo(present.stream()
                            .filter(event -> !event.passed() && event.is(Kind.CONSUME))
                            .count());
            assertThat(usage.bonus()).isEqualTo(bonus(present));
            assertThat(usage.limit()).isEqualTo(limit);
            assertThat(usage.remaining()).isEqualTo(Math.max(0, limit + bonus(present) - passed));
            Instant end = present.isEmpty() ? now : end(present);
            assertThat(usage.resetsAt()).isEqualTo(end);
            assertThat(usage.resetsIn()).isEqualTo(Duration.between(now, end));
        }
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
                Tuple.of(2, Kind.LOOK),
                Tuple.of(1, Kind.LOOK_SHORTER));
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
        var runner = redis.clockRunner().withLongerTtls();
        Budgets held = new InMemoryBudgets(clock, 10);
        Budgets shared = new RedisBudgets(
                (script, keys, args) -> {
                    runner.setNow(clock.getAsLong());
                    return runner.run(script, keys, args);
                },
                KeySpace.DEFAULT,
                InstantSource.system());
        Budget budget = new Budget("messages", scenario.limit(), scenario.window(), ANN);
        Budget shorter = budget.withWindow(new Window.Idle(Duration.ofMillis(700)));
        var model = new PlainModel(scenario.window(), scenario.limit());
        for (Step step : scenario.steps()) {
            clock.advanceMicros(step.later());
            Instant now = Counters.instant(clock.getAsLong());
            switch (step.kind()) {
                case CONSUME -> {
                    Consumption answer = shared.consume(budget, BudgetUser.of(USER));
                    assertThat(held.consume(budget, BudgetUser.of(USER))).isEqualTo(answer);
                    assertThat(answer.passes()).isEqualTo(model.asks(now, false));
                    model.assertTold(answer.usage(), now);
                }
                case EXEMPT -> {
                    Consumption answer = shared.consume(budget, BudgetUser.of(USER, "Ann"));
                    assertThat(held.consume(budget, BudgetUser.of(USER, "Ann"))).isEqualTo(answer);
                    assertThat(answer).isInstanceOf(Consumption.Exempt.class);
                    assertThat(model.asks(now, true)).isTrue();
                    model.assertTold(answer.usage(), now);
                }
                case GRANT -> {
                    Usage usage = shared.grant(budget, USER, 2);
                    assertThat(held.grant(budget, USER, 2)).isEqualTo(usage);
                    model.grants(now);
                    model.assertTold(usage, now);
                }
                case RESET -> {
                    assertThat(held.reset(budget, USER)).isEqualTo(shared.reset(budget, USER));
                    model.forgets();
                }
                case LOOK -> {
                    Usage usage = shared.usage(budget, USER);
                    assertThat(held.usage(budget, USER)).isEqualTo(usage);
                    model.assertTold(usage, now);
                }
                case LOOK_SHORTER -> assertThat(held.usage(shorter, USER)).isEqualTo(shared.usage(shorter, USER));
            }
            for (String key : redis.commands().keys("*")) {
                assertThat(redis.commands().pttl(key)).as("TTL of %s", key).isNotEqualTo(-1);
            }
        }
    }
}
