package dev.sluice.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.encryption.KeyRing;
import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.session.SessionWrite.Setting;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Both stores answer any sequence of steps alike. */
class SessionBackendsPropertyTest {
    private static final Duration KEEP = Duration.ofSeconds(10);
    private static final KeyRing RING = KeyRing.random();

    /**
     * A step.
     *
     * @param later how long it is after the one before, in milliseconds
     * @param behind by how many its version is behind the present one; empty if it asks for none
     */
    record Step(SessionWrite write, int later, OptionalLong behind) {
        SessionWrite after(long version) {
            return behind.isPresent() ? write.ifVersion(Math.max(0, version - behind.getAsLong())) : write;
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<String> names = Arbitraries.of("x", "y", "z");
        Arbitrary<JsonValue> values = Arbitraries.integers().between(0, 9).map(JsonValue::of);
        Arbitrary<Setting> settings = Combinators.combine(values, Arbitraries.of(0, 1, 500, 20_000))
                .as((value, ttl) -> new Setting(
                        value, Optional.of(ttl).filter(time -> time > 0).map(Duration::ofMillis)));
        Arbitrary<Map<String, Setting>> puts = Arbitraries.maps(names, settings).ofMaxSize(3);
        Arbitrary<SessionWrite> writes = Combinators.combine(
                        Arbitraries.of(false, false, false, true),
                        values.list().ofMaxSize(Sessions.MOST_ACTIONS),
                        puts,
                        names.set().ofMaxSize(2),
                        values.list().ofMaxSize(Sessions.MOST_HISTORY))
                .as((clears, actions, put, removed, history) ->
                        new SessionWrite(OptionalLong.empty(), clears, actions, put, removed, history));
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
        Sessions shared = Sessions.onRedis(
                redis.clockRunner().withLongerTtls().by(clock), KeySpace.DEFAULT, KEEP, RING, StateEvents.NONE);
        Sessions own = Sessions.inMemory(KEEP, clock, StateEvents.NONE);
        Session seen = Session.NEW;
        for (Step step : steps) {
            clock.advance(Duration.ofMillis(step.later()));
            SessionWrite write = step.after(seen.version());
            assertThat(shared.write(SessionsContract.ANN, write)).isEqualTo(own.write(SessionsContract.ANN, write));
            seen = own.find(SessionsContract.ANN);
            assertThat(shared.find(SessionsContract.ANN)).isEqualTo(seen);
        }
    }
}
