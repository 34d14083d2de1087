package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Decision.Allowed;
import dev.sluice.limit.Decision.Denied;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;

/** Random limits, arrivals, weights, waiters and parks: memory, Redis and a plain model agree, and the model is right. */
class RateLimiterPropertyTest {
    private static final AtomicLong TAGS = new AtomicLong();
    private static final int SAYS_NOTHING = Integer.MAX_VALUE;
    private static final Waiter[] PROCESSES = {new Waiter("AAAAAAAA"), new Waiter("BBBBBBBB"), new Waiter("CCCCCCCC")};

    /**
     * One thing that happens.
     *
     * @param later microseconds after the one before
     * @param weights per bucket; -1 if it is not asked
     * @param process which of the processes waits; -1 for nobody
     * @param agoMillis how long ago it says it came; {@link #SAYS_NOTHING} if it does not
     * @param parkMillis parks the first bucket instead, if more than 0
     */
    record Step(long later, List<Integer> weights, int process, int agoMillis, int parkMillis) {}

    record Scenario(List<Limit> limits, List<Step> steps) {}

    static Arbitrary<Limit> limits() {
        var spans = Arbitraries.of(1_000, 7_000, 100_000, 1_000_000).map(micros -> Duration.ofNanos(micros * 1_000L));
        var capacities = Arbitraries.integers().between(1, 6);
        return Combinators.combine(capacities, spans, Arbitraries.of(true, false))
                .as((capacity, span, strict) -> strict ? Limit.atMost(capacity, span) : Limit.smooth(capacity, span));
    }

    @Provide
    Arbitrary<Scenario> scenarios() {
        return limits().list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .flatMap(limits -> steps(limits.size())
                        .list()
                        .ofMinSize(1)
                        .ofMaxSize(60)
                        .map(steps -> new Scenario(limits, steps)));
    }

    static Arbitrary<Step> steps(int buckets) {
        var later = Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.of(0L, 1L, 999L, 1_000L, 7_000L, 50_000L, 100_000L)),
                Tuple.of(2, Arbitraries.longs().between(0, 30_000)),
                Tuple.of(1, Arbitraries.longs().between(0, 2_000_000)));
        var weight = Arbitraries.frequency(
                Tuple.of(2, -1), Tuple.of(1, 0), Tuple.of(8, 1), Tuple.of(2, 2), Tuple.of(1, 3), Tuple.of(1, 9));
        var process = Arbitraries.integers().between(-1, 2);
        var park = Arbitraries.frequency(Tuple.of(30, 0), Tuple.of(1, 5), Tuple.of(1, 150));
        var ago = Arbitraries.of(SAYS_NOTHING, SAYS_NOTHING, -30_000, -50, 0, 30, 200);
        return Combinators.combine(later, weight.list().ofSize(buckets), process, ago, park)
                .as(Step::new);
    }

    @Property(tries = 500, shrinking = ShrinkingMode.BOUNDED)
    void memory_agrees_with_the_plain_model(@ForAll("scenarios") Scenario scenario) {
        var clock = new SettableMicros();
        replay(scenario, clock, Map.of("memory", new InMemoryRateLimiter(clock)));
    }

    @Property(tries = 50, shrinking = ShrinkingMode.BOUNDED)
    void redis_and_memory_agree_with_the_plain_model(@ForAll("scenarios") Scenario scenario) {
        var clock = new SettableMicros();
        replay(
                scenario,
                clock,
                Map.of("memory", new InMemoryRateLimiter(clock), "redis", RedisByTestClock.limiter(clock)));
    }

    private static void replay(Scenario scenario, SettableMicros clock, Map<String, RateLimiter> limiters) {
        var model = new PlainModel();
        String tag = "property-" + TAGS.incrementAndGet();
        var admissions = new HashMap<Bucket, List<Admission>>();
        for (Step step : scenario.steps()) {
            clock.advanceMicros(step.later());
            if (step.parkMillis() > 0) {
                Bucket bucket = bucket(tag, 0);
                model.park(bucket, clock.getAsLong() + step.parkMillis() * 1_000L);
                limiters.values().forEach(limiter -> limiter.park(bucket, Duration.ofMillis(step.parkMillis())));
                continue;
            }
            Optional<Acquisition> asked = acquisition(scenario.limits(), step, tag);
            if (asked.isEmpty()) {
                continue;
            }
            Acquisition acquisition = asked.get();
            Decision expected = model.tryAcquire(acquisition, clock.getAsLong());
            limiters.forEach((name, limiter) ->
                    assertThat(limiter.tryAcquire(acquisition)).as(name).isEqualTo(expected));
            if (expected instanceof Allowed) {
                for (Charge charge : acquisition.charges()) {
                    admissions
                            .computeIfAbsent(charge.bucket(), ignored -> new ArrayList<>())
                            .add(new Admission(clock.getAsLong(), charge.weight()));
                }
            }
        }
        for (int i = 0; i < scenario.limits().size(); i++) {
            Bucket bucket = bucket(tag, i);
            conforms(scenario.limits().get(i), model.units(bucket), admissions.getOrDefault(bucket, List.of()));
        }
    }

    /** Without waiters, who neither come back nor give way, a denial's time is exact to the microsecond. */
    @Property(tries = 120, shrinking = ShrinkingMode.BOUNDED)
    void retry_after_is_exact_in_memory(@ForAll("scenarios") Scenario scenario) {
        var clock = new SettableMicros();
        chase(scenario, clock, new InMemoryRateLimiter(clock));
    }

    @Property(tries = 20, shrinking = ShrinkingMode.BOUNDED)
    void retry_after_is_exact_on_redis(@ForAll("scenarios") Scenario scenario) {
        var clock = new SettableMicros();
        chase(scenario, clock, RedisByTestClock.limiter(clock));
    }

    private static void chase(Scenario scenario, SettableMicros clock, RateLimiter limiter) {
        String tag = "property-" + TAGS.incrementAndGet();
        for (Step step : scenario.steps()) {
            clock.advanceMicros(step.later());
            if (step.parkMillis() > 0) {
                limiter.park(bucket(tag, 0), Duration.ofMillis(step.parkMillis()));
                continue;
            }
            acquisition(scenario.limits(), new Step(step.later(), step.weights(), -1, SAYS_NOTHING, 0), tag)
                    .ifPresent(acquisition -> {
                        if (limiter.tryAcquire(acquisition) instanceof Denied denied) {
                            clock.advanceMicros(Microseconds.of(denied.retryAfter()) - 1);
                            var again = LimiterFixture.denied(limiter.tryAcquire(acquisition));
                            assertThat(again.retryAfter()).isEqualTo(Duration.ofNanos(1_000));
                            assertThat(again.bucket()).isEqualTo(denied.bucket());
                            clock.advanceMicros(1);
                            assertThat(limiter.tryAcquire(acquisition)).isInstanceOf(Allowed.class);
                        }
                    });
        }
    }

    private record Admission(long at, int weight) {}

    /** What limits promise, said without the model: by sliding a window over everything that was admitted. */
    private static void conforms(Limit limit, List<Long> units, List<Admission> admissions) {
        long span = Microseconds.span(limit);
        switch (limit) {
            case Limit.StrictWindow(int most, Duration window) -> {
                for (Admission last : admissions) {
                    int inWindow = admissions.stream()
                            .filter(other -> other.at() > last.at() - span && other.at() <= last.at())
                            .filter(other -> other.weight() <= most)
                            .mapToInt(Admission::weight)
                            .sum();
                    assertThat(inWindow).as("in the window before %s", last).isLessThanOrEqualTo(most);
                }
                for (long last : units) {
                    long inWindow = units.stream()
                            .filter(other -> other > last - span && other <= last)
                            .count();
                    assertThat(inWindow)
                            .as("spread over windows, before %d", last)
                            .isLessThanOrEqualTo(most);
                }
            }
            case Limit.Gcra(int burst, Duration interval) -> {
                for (int first = 0; first < admissions.size(); first++) {
                    long weight = 0;
                    for (int last = first; last < admissions.size(); last++) {
                        weight += admissions.get(last).weight();
                        if (admissions.get(last).weight() > burst
                                || admissions.get(first).weight() > burst) {
                            break;
                        }
                        long time = admissions.get(last).at()
                                - admissions.get(first).at();
                        assertThat(weight * span).isLessThanOrEqualTo(burst * span + time);
                    }
                }
            }
        }
    }

    static Optional<Acquisition> acquisition(List<Limit> limits, Step step, String tag) {
        var charges = new ArrayList<Charge>();
        for (int i = 0; i < limits.size(); i++) {
            int weight = step.weights().get(i);
            if (weight >= 0) {
                charges.add(new Charge(bucket(tag, i), limits.get(i), weight));
            }
        }
        if (charges.isEmpty()) {
            return Optional.empty();
        }
        var acquisition = Acquisition.of(charges);
        if (step.process() < 0) {
            return Optional.of(
                    step.agoMillis() == SAYS_NOTHING
                            ? acquisition
                            : acquisition.cameAgo(Duration.ofMillis(step.agoMillis())));
        }
        Waiter waiter = PROCESSES[step.process()];
        if (step.agoMillis() == SAYS_NOTHING) {
            return Optional.of(acquisition.waitingAs(waiter));
        }
        // Who says when it came stays for as long again.
        var stays = Duration.ofMillis(Math.max(1, Math.abs(step.agoMillis())));
        return Optional.of(
                acquisition.cameAgo(Duration.ofMillis(step.agoMillis())).waitingAs(waiter.staying(stays)));
    }

    static Bucket bucket(String tag, int index) {
        return new Bucket(tag, "custom", Integer.toString(index));
    }
}
