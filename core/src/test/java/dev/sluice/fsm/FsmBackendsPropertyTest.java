package dev.sluice.fsm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.encryption.KeyRing;
import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import dev.sluice.state.TooMuchStateException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Both storages answer any sequence of steps alike. */
class FsmBackendsPropertyTest {
    private static final Duration KEEP = Duration.ofSeconds(10);
    private static final KeyRing RING = KeyRing.random();

    /**
     * A step.
     *
     * @param later how long it is after the one before, in milliseconds
     * @param behind by how many its version is behind the present one; empty if it asks for none
     */
    record Step(FsmWrite write, int later, OptionalLong behind) {
        FsmWrite after(long version) {
            return behind.isPresent() ? write.ifVersion(Math.max(0, version - behind.getAsLong())) : write;
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<StateTerm> terms = Arbitraries.of(
                StateTerm.ANY, StateTerm.ANY, StateTerm.NONE, StateTerm.named("a"), StateTerm.named("b"));
        Arbitrary<String> names = Arbitraries.of("x", "y", "z");
        Arbitrary<JsonValue> values = Arbitraries.of(1, 20, 30_000).map(length -> JsonValue.of("v".repeat(length)));
        Arbitrary<Map<String, JsonValue>> puts = Arbitraries.maps(names, values).ofMaxSize(3);
        Arbitrary<FsmWrite> writes = Combinators.combine(
                        terms,
                        terms,
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.of(true, false),
                        puts,
                        names.set().ofMaxSize(2))
                .as((expected, next, fence, replaces, put, removed) -> {
                    FsmWrite write = FsmWrite.NOTHING.ifState(expected).to(next);
                    write = fence > 0 ? write.underFence(fence) : write;
                    write = replaces ? write.replacing(put) : write.put(put);
                    return write.remove(removed.toArray(String[]::new));
                });
        Arbitrary<OptionalLong> behind =
                Arbitraries.of(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.of(0), OptionalLong.of(1));
        return Combinators.combine(writes, Arbitraries.of(0, 1, 500, 9_999, 10_000), behind)
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(12);
    }

    @Property(tries = 150)
    void memory_and_redis_answer_alike(@ForAll("steps") List<Step> steps) {
        SharedRedis redis = RedisFixture.shared();
        redis.flush();
        var clock = new SettableMicros();
        FsmStorage shared = FsmStorage.onRedis(
                redis.clockRunner().withLongerTtls().by(clock), KeySpace.DEFAULT, KEEP, RING, StateEvents.NONE);
        FsmStorage own = FsmStorage.inMemory(KEEP, clock, StateEvents.NONE);
        Conversation seen = Conversation.NEW;
        for (Step step : steps) {
            clock.advance(Duration.ofMillis(step.later()));
            FsmWrite write = step.after(seen.version());
            assertThat(answer(shared, write)).isEqualTo(answer(own, write));
            seen = own.find(FsmStorageContract.ANN);
            assertThat(shared.find(FsmStorageContract.ANN)).isEqualTo(seen);
        }
    }

    private static Object answer(FsmStorage storage, FsmWrite write) {
        try {
            return storage.write(FsmStorageContract.ANN, write);
        } catch (TooMuchStateException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
