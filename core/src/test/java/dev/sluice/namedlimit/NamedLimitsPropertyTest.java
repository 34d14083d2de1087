package dev.sluice.namedlimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.SettableMicros;
import dev.sluice.limit.Waiter;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Random uses and definitions: memory and Redis answer alike, and no window lets more pass than its limit says. */
class NamedLimitsPropertyTest {
    private static final Duration WINDOW = Duration.ofMillis(1_000);
    private static final String NAME = "payments";

    private final SharedRedis redis = RedisFixture.shared();

    /**
     * @param later microseconds after the one before
     * @param count a new definition first; 0 for none
     * @param slow whether that is one of a minute, if it is smooth
     * @param process that waits, for as many seconds; 0 for nobody
     */
    record Step(
            long later,
            int weight,
            boolean subject,
            int count,
            boolean smooth,
            boolean slow,
            boolean shadow,
            int process) {
        NamedLimit definition() {
            return smooth
                    ? NamedLimit.smooth(NAME, count, slow ? WINDOW.multipliedBy(60) : WINDOW, count)
                            .withShadow(shadow)
                    : NamedLimit.atMost(NAME, count, WINDOW).withShadow(shadow);
        }

        Optional<Waiter> waiter() {
            return Optional.of(process)
                    .filter(number -> number > 0)
                    .map(number -> new Waiter("process" + number).staying(Duration.ofSeconds(number)));
        }

        Use use() {
            Use use = Use.of(NAME).weighing(weight);
            return subject ? use.by("42") : use;
        }
    }

    /** A passage that was charged. */
    record Charged(long at, int weight) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return steps(Arbitraries.frequencyOf(
                Tuple.of(5, Arbitraries.just(0)),
                Tuple.of(1, Arbitraries.integers().between(1, 6))));
    }

    @Provide
    Arbitrary<List<Step>> stepsUnderOneDefinition() {
        return steps(Arbitraries.just(0));
    }

    private static Arbitrary<List<Step>> steps(Arbitrary<Integer> counts) {
        Arbitrary<Long> later = Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.of(0L, 1L, 99_999L, 500_000L, 999_999L, 1_000_000L)),
                Tuple.of(2, Arbitraries.longs().between(0, 3_000_000)));
        return Combinators.combine(
                        later,
                        Arbitraries.integers().between(1, 4),
                        Arbitraries.of(true, false),
                        counts,
                        Arbitraries.of(true, false),
                        Arbitraries.of(true, false),
                        Arbitraries.frequency(Tuple.of(3, false), Tuple.of(1, true)),
                        Arbitraries.frequency(Tuple.of(4, 0), Tuple.of(1, 1), Tuple.of(1, 2)))
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(60);
    }

    @Property(tries = 200)
    void both_backends_answer_alike_whatever_is_defined_meanwhile(@ForAll("steps") List<Step> steps) {
        var clock = new SettableMicros();
        NamedLimits held = new InMemoryNamedLimits(clock, 10);
        NamedLimits shared = onRedis(clock);
        define(NamedLimit.atMost(NAME, 3, WINDOW), held, shared);
        for (Step step : steps) {
            clock.advanceMicros(step.later());
            if (step.count() > 0) {
                define(step.definition(), held, shared);
            }
            assertThat(answer(held, step)).isEqualTo(answer(shared, step));
            assertThat(held.usage(step.use())).isEqualTo(shared.usage(step.use()));
        }
    }

    @Property(tries = 200)
    void no_window_lets_more_pass_than_its_limit(@ForAll("stepsUnderOneDefinition") List<Step> steps) {
        var clock = new SettableMicros();
        NamedLimits shared = onRedis(clock);
        int count = 4;
        shared.define(NamedLimit.atMost(NAME, count, WINDOW));
        var passed = List.of(new ArrayList<Charged>(), new ArrayList<Charged>());
        for (Step step : steps) {
            clock.advanceMicros(step.later());
            boolean fits = used(passed.get(step.subject() ? 1 : 0), clock.getAsLong()) + step.weight() <= count;
            assertThat(shared.acquire(step.use()).passes()).isEqualTo(fits);
            if (fits) {
                passed.get(step.subject() ? 1 : 0).add(new Charged(clock.getAsLong(), step.weight()));
            }
        }
        for (List<Charged> charges : passed) {
            for (Charged last : charges) {
                assertThat(used(
                                charges.stream()
                                        .filter(one -> one.at() <= last.at())
                                        .toList(),
                                last.at()))
                        .isLessThanOrEqualTo(count);
            }
        }
    }

    /** What counts at a moment: all of the window that ends then. */
    private static int used(List<Charged> charges, long now) {
        return charges.stream()
                .filter(one -> one.at() > now - WINDOW.toNanos() / 1_000)
                .mapToInt(Charged::weight)
                .sum();
    }

    private static void define(NamedLimit limit, NamedLimits... all) {
        for (NamedLimits limits : all) {
            limits.define(limit);
        }
    }

    private static Object answer(NamedLimits limits, Step step) {
        try {
            return limits.acquire(step.use(), step.waiter());
        } catch (TooHeavyException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private NamedLimits onRedis(SettableMicros clock) {
        redis.flush();
        var runner = redis.clockRunner().withLongerTtls();
        return new RedisNamedLimits(
                (script, keys, args) -> {
                    runner.setNow(clock.getAsLong());
                    return runner.run(script, keys, args);
                },
                KeySpace.DEFAULT);
    }
}
