package dev.sluice.history;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.history.HistoryLists.Kept;
import dev.sluice.history.HistoryLists.Line;
import dev.sluice.history.HistoryLists.Look;
import dev.sluice.history.HistoryLists.Selection;
import dev.sluice.history.HistoryLists.State;
import dev.sluice.history.PlainHistory.Said;
import dev.sluice.limit.SettableMicros;
import dev.sluice.redis.KeyDigest;
import dev.sluice.redis.KeySpace;
import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.SharedRedis;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Both backends do with any sequence of steps what the plain model does. */
class HistoryListsPropertyTest {
    private static final HistoryKey KEY = new HistoryKey(new BotId(77), -100_123);
    private static final HistorySettings SETTINGS = HistorySettings.DEFAULT
            .withBounds(new HistoryBounds(6, Duration.ofSeconds(8), 30))
            .withKeep(Duration.ofSeconds(10));

    enum Kind {
        APPEND,
        FILL,
        CLEAR,
        CLEAR_KNOWN,
        FORGET,
        READ
    }

    /**
     * @param ids of entries
     * @param later how long it is after the step before, in milliseconds
     * @param number what else a step needs
     */
    record Step(Kind kind, List<Integer> ids, int later, int number) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.frequencyOf(
                                net.jqwik.api.Tuple.of(6, Arbitraries.just(Kind.APPEND)),
                                net.jqwik.api.Tuple.of(3, Arbitraries.just(Kind.FILL)),
                                net.jqwik.api.Tuple.of(1, Arbitraries.of(Kind.CLEAR, Kind.CLEAR_KNOWN, Kind.FORGET)),
                                net.jqwik.api.Tuple.of(2, Arbitraries.just(Kind.READ))),
                        Arbitraries.integers().between(1, 14).list().ofMaxSize(8),
                        Arbitraries.of(0, 0, 1, 700, 4_000, 7_999, 8_000, 10_000),
                        Arbitraries.integers().between(0, 40))
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(15);
    }

    @Property(tries = 300)
    void both_backends_do_as_the_plain_model(@ForAll("steps") List<Step> steps) {
        SharedRedis redis = RedisFixture.shared();
        redis.flush();
        var clock = new SettableMicros();
        var runner = redis.clockRunner().withLongerTtls();
        var shared = new RedisHistoryLists(
                (script, keys, args) -> {
                    runner.setNow(clock.getAsLong());
                    return runner.run(script, keys, args);
                },
                KeySpace.DEFAULT,
                SETTINGS);
        var own = new InMemoryHistoryLists(SETTINGS, SETTINGS.memory(), clock);
        var plain = new PlainHistory(SETTINGS);
        long last = 0;
        for (Step step : steps) {
            clock.advance(Duration.ofMillis(step.later()));
            long now = clock.getAsLong();
            List<Line> lines =
                    step.ids().stream().map(id -> line(id, step.number(), now)).toList();
            switch (step.kind()) {
                case APPEND -> {
                    if (!lines.isEmpty()) {
                        var written = shared.append(KEY, lines);
                        assertThat(own.append(KEY, lines)).isEqualTo(written);
                        assertThat(written.added()).isEqualTo(plain.append(lines, now));
                        assertThat(written.version()).isGreaterThanOrEqualTo(written.added() > 0 ? last + 1 : 0);
                        last = written.version();
                    }
                }
                case FILL -> {
                    boolean loads = !plain.isLoaded(now);
                    assertThat(fill(shared, lines)).isEqualTo(loads);
                    assertThat(fill(own, lines)).isEqualTo(loads);
                    if (loads) {
                        plain.fill(lines, now);
                    }
                }
                case CLEAR, CLEAR_KNOWN -> {
                    boolean known = step.kind() == Kind.CLEAR_KNOWN;
                    int cleared = plain.clear(known, now);
                    last = 0;
                    assertThat(shared.clear(KEY, known)).isEqualTo(cleared);
                    assertThat(own.clear(KEY, known)).isEqualTo(cleared);
                }
                case FORGET -> {
                    long user = 1L + step.number() % 3;
                    int forgotten = plain.forget(user, now);
                    assertThat(shared.forget(user)).isEqualTo(forgotten);
                    assertThat(own.forget(user)).isEqualTo(forgotten);
                }
                case READ -> {}
            }
            for (Selection selection : List.of(Selection.ALL, new Selection(3, step.number()))) {
                Look look = shared.read(KEY, selection);
                assertSame(look, own.read(KEY, selection));
                assertThat(look.state()).isEqualTo(plain.isLoaded(now) ? State.LOADED : State.PARTLY);
                assertThat(look.entries().stream().map(HistoryListsPropertyTest::said))
                        .isEqualTo(plain.read(selection.entries(), selection.tokens(), now));
                assertThat(look.entries().stream().map(Kept::number)).isSorted();
            }
        }
    }

    private static boolean fill(HistoryLists lists, List<Line> lines) {
        Look look = lists.lease(KEY, Selection.NOTHING, "f", Duration.ofSeconds(1));
        return look.state() == State.LOAD && lists.fill(KEY, "f", lines);
    }

    private static void assertSame(Look one, Look other) {
        assertThat(other.state()).isEqualTo(one.state());
        assertThat(other.version()).isEqualTo(one.version());
        assertThat(other.entries().stream().map(kept -> kept.number() + " " + said(kept)))
                .isEqualTo(one.entries().stream()
                        .map(kept -> kept.number() + " " + said(kept))
                        .toList());
    }

    /** An id has always the same tokens and user, as a message has. */
    private static Line line(int id, int number, long now) {
        String digest = KeyDigest.hex("m" + id);
        long micros = number % 4 == 0 ? now - number * 200_000L : number % 7 == 0 ? now + 5 : HistoryLists.NOW;
        return new Line(digest, micros, id % 5 == 0 ? 45 : id, id % 3, digest.getBytes(UTF_8));
    }

    private static Said said(Kept kept) {
        return new Said(new String(kept.content(), UTF_8), kept.micros(), kept.tokens(), kept.user());
    }
}
