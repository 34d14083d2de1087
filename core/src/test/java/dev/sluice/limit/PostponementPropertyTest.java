package dev.sluice.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.Decision.Allowed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;

/**
 * Calls are admitted now and happen later, each by its own delay of less than a window, of which the limiter is told the moment
 * they happen: then what happened, too, stays within the limit.
 */
class PostponementPropertyTest {
    private static final AtomicLong TAGS = new AtomicLong();

    /**
     * One question.
     *
     * @param after thousandths of the limit's span after the one before
     * @param late thousandths of the span between its admission and what it admits
     */
    record Ask(int after, int weight, int late) {}

    record Scenario(Limit limit, List<Ask> asks) {}

    private record Admitted(Acquisition question, Allowed admission, int weight, long happens) {}

    @Provide
    Arbitrary<Scenario> scenarios() {
        var limit = Combinators.combine(Arbitraries.integers().between(1, 6), Arbitraries.of(true, false))
                .as((capacity, strict) -> strict
                        ? Limit.atMost(capacity, Duration.ofMillis(100))
                        : Limit.smooth(capacity, Duration.ofMillis(100)));
        var after = Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.just(0)),
                Tuple.of(3, Arbitraries.integers().between(0, 400)));
        var weight = Arbitraries.frequency(Tuple.of(8, 1), Tuple.of(1, 2));
        var late = Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.just(0)),
                Tuple.of(2, Arbitraries.integers().between(1, 999)));
        var ask = Combinators.combine(after, weight, late).as(Ask::new);
        return Combinators.combine(limit, ask.list().ofMinSize(1).ofMaxSize(80)).as(Scenario::new);
    }

    @Property(tries = 500, shrinking = ShrinkingMode.BOUNDED)
    void what_happens_late_stays_within_the_limit(@ForAll("scenarios") Scenario scenario) {
        var clock = new SettableMicros();
        happensWithinTheLimit(scenario, clock, List.of(new InMemoryRateLimiter(clock)));
    }

    @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
    void redis_and_memory_postpone_alike(@ForAll("scenarios") Scenario scenario) {
        var clock = new SettableMicros();
        happensWithinTheLimit(
                scenario, clock, List.of(new InMemoryRateLimiter(clock), RedisByTestClock.limiter(clock)));
    }

    private static void happensWithinTheLimit(Scenario scenario, SettableMicros clock, List<RateLimiter> limiters) {
        Limit limit = scenario.limit();
        long span = Microseconds.span(limit);
        var bucket = new Bucket("postponed-" + TAGS.incrementAndGet(), "custom", "1");
        var coming = new ArrayList<Admitted>();
        var happened = new ArrayList<Admitted>();
        for (Ask ask : scenario.asks()) {
            long now = clock.getAsLong() + ask.after() * span / 1_000;
            happen(coming, happened, now, clock, limiters);
            clock.advanceMicros(now - clock.getAsLong());
            int weight = Math.min(ask.weight(), limit.capacity());
            var question = Acquisition.of(new Charge(bucket, limit, weight));
            Decision decision = limiters.getFirst().tryAcquire(question);
            limiters.stream()
                    .skip(1)
                    .forEach(other -> assertThat(other.tryAcquire(question)).isEqualTo(decision));
            if (decision instanceof Allowed allowed) {
                coming.add(new Admitted(question, allowed, weight, now + ask.late() * span / 1_000));
            }
        }
        happen(coming, happened, Long.MAX_VALUE, clock, limiters);
        for (int first = 0; first < happened.size(); first++) {
            long weight = 0;
            for (int last = first; last < happened.size(); last++) {
                weight += happened.get(last).weight();
                long time = happened.get(last).happens() - happened.get(first).happens();
                switch (limit) {
                    case Limit.StrictWindow w ->
                        assertThat(time < span ? weight : 0).isLessThanOrEqualTo(limit.capacity());
                    case Limit.Gcra g -> assertThat(weight * span).isLessThanOrEqualTo(limit.capacity() * span + time);
                }
            }
        }
    }

    private static void happen(
            List<Admitted> coming,
            List<Admitted> happened,
            long until,
            SettableMicros clock,
            List<RateLimiter> limiters) {
        coming.sort(Comparator.comparingLong(Admitted::happens));
        while (!coming.isEmpty() && coming.getFirst().happens() <= until) {
            Admitted next = coming.removeFirst();
            clock.advanceMicros(next.happens() - clock.getAsLong());
            long late = next.happens() - next.admission().at();
            if (late > 0) {
                limiters.forEach(
                        limiter -> limiter.postpone(next.question(), next.admission(), Microseconds.duration(late)));
            }
            happened.add(next);
        }
    }
}
