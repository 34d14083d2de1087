package dev.sluice.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Random batches and pauses: memory and Redis answer alike; an id is never new within a window, never a repeat unless it came within two.
 */
class EventDeduplicatorPropertyTest {
    private static final Duration LENGTH = Duration.ofSeconds(100);
    private static final long LENGTH_MICROS = 100_000_000L;
    private static final int MOST = 1_000;

    private final SharedRedis redis = RedisFixture.shared();

    /** @param later microseconds after the one before; a batch of consecutive ids, or of those to be forgotten */
    record Step(long later, int from, int count, boolean forgets) {}

    /** When and as which of all new ids one came last. */
    private record Came(long at, long number) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Long> later = Arbitraries.oneOf(
                Arbitraries.of(0L, 1L, LENGTH_MICROS / 2, LENGTH_MICROS - 1, LENGTH_MICROS, 2 * LENGTH_MICROS),
                Arbitraries.longs().between(0, LENGTH_MICROS / 4));
        Arbitrary<Boolean> forgets = Arbitraries.integers().between(0, 9).map(n -> n == 0);
        return Combinators.combine(
                        later,
                        Arbitraries.integers().between(0, 3_000),
                        Arbitraries.integers().between(1, 700),
                        forgets)
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(30);
    }

    @Property(tries = 100)
    void both_backends_answer_alike_and_keep_the_window(@ForAll("steps") List<Step> steps) {
        redis.flush();
        var clock = new SettableMicros();
        var runner = redis.clockRunner().withLongerTtls();
        var window = new DedupeWindow(LENGTH, MOST);
        EventDeduplicator held = new InMemoryEventDeduplicator(window, clock, 2 * MOST);
        EventDeduplicator shared = EventDeduplicator.onRedis(
                (script, keys, args) -> {
                    runner.setNow(clock.getAsLong());
                    return runner.run(script, keys, args);
                },
                KeySpace.DEFAULT,
                window);
        Map<Integer, Came> known = new HashMap<>();
        long numbers = 0;
        for (Step step : steps) {
            clock.advanceMicros(step.later());
            List<String> ids = IntStream.range(step.from(), step.from() + step.count())
                    .mapToObj(Integer::toString)
                    .toList();
            if (step.forgets()) {
                assertThat(held.forget("s", ids)).isEqualTo(shared.forget("s", ids));
                IntStream.range(step.from(), step.from() + step.count()).forEach(known::remove);
                continue;
            }
            BitSet first = shared.firstSeen("s", ids);
            assertThat(held.firstSeen("s", ids)).isEqualTo(first);
            long now = clock.getAsLong();
            long before = numbers;
            for (int i = 0; i < step.count(); i++) {
                Came came = known.get(step.from() + i);
                if (first.get(i)) {
                    assertThat(came == null || now - came.at() >= LENGTH_MICROS || before - came.number() >= MOST)
                            .as("new too early")
                            .isTrue();
                    known.put(step.from() + i, new Came(now, ++numbers));
                } else {
                    assertThat(came).as("a repeat of what never came").isNotNull();
                    assertThat(now - came.at()).isLessThan(2 * LENGTH_MICROS);
                }
            }
            for (String key : redis.commands().keys("*")) {
                assertThat(redis.commands().pttl(key)).as("TTL of %s", key).isPositive();
            }
        }
    }
}
