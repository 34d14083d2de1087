package dev.sluice.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.limit.SettableMicros;
import dev.sluice.session.Session.Entry;
import dev.sluice.session.Session.Temporary;
import dev.sluice.session.SessionAnswer.Changed;
import dev.sluice.session.SessionAnswer.Unexpected;
import dev.sluice.state.ContendedException;
import dev.sluice.state.JsonValue;
import dev.sluice.state.TooMuchStateException;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every store of sessions promises, by a clock that stands still until it is set. */
@Timeout(60)
abstract class SessionsContract {
    static final Duration KEEP = Sessions.USUAL_KEEP;
    static final SessionKey ANN = new SessionKey(new BotId(77), 42);
    static final SessionWrite NOTHING = SessionWrite.NOTHING;

    final SettableMicros clock = new SettableMicros();

    abstract Sessions sessions();

    private long changed(SessionWrite write) {
        SessionAnswer answer = sessions().write(ANN, write);
        assertThat(answer).isInstanceOf(Changed.class);
        return ((Changed) answer).version();
    }

    private Session ann() {
        return sessions().find(ANN);
    }

    private Instant now() {
        return InMemorySessions.time(clock.getAsLong());
    }

    private static List<JsonValue> values(List<Entry> entries) {
        return entries.stream().map(Entry::value).toList();
    }

    @Test
    void a_session_has_what_was_written_with_its_times() {
        assertThat(ann()).isEqualTo(Session.NEW);
        Instant first = now();
        changed(NOTHING.action(JsonValue.of("/start")).history(new JsonValue("{\"in\":\"Hi\"}")));
        clock.advance(Duration.ofSeconds(3));
        long version = changed(NOTHING.action(JsonValue.of("menu"))
                .set("lang", JsonValue.of("ru"))
                .set("draft", JsonValue.of("Ånn"), Duration.ofMinutes(5)));
        assertThat(ann())
                .isEqualTo(new Session(
                        version,
                        List.of(new Entry(JsonValue.of("/start"), first), new Entry(JsonValue.of("menu"), now())),
                        Map.of(
                                "lang", new Temporary(JsonValue.of("ru"), Optional.empty()),
                                "draft", new Temporary(JsonValue.of("Ånn"), Optional.of(now().plusSeconds(300)))),
                        List.of(new Entry(new JsonValue("{\"in\":\"Hi\"}"), first))));
        changed(NOTHING.remove("lang").remove("none").set("draft", JsonValue.NULL));
        assertThat(ann().settings()).isEqualTo(Map.of("draft", new Temporary(JsonValue.NULL, Optional.empty())));
        assertThat(sessions().find(new SessionKey(new BotId(78), 42))).isEqualTo(Session.NEW);
        assertThat(sessions().find(new SessionKey(new BotId(77), 43))).isEqualTo(Session.NEW);
    }

    @Test
    void lists_keep_the_newest_in_their_order() {
        for (int i = 1; i <= 130; i++) {
            SessionWrite write = NOTHING.history(JsonValue.of(i));
            changed(i % 2 == 0 ? write.action(JsonValue.of(i)).action(JsonValue.of(-i)) : write);
        }
        assertThat(values(ann().history()))
                .isEqualTo(
                        IntStream.rangeClosed(81, 130).mapToObj(JsonValue::of).toList());
        assertThat(ann().actions()).hasSize(Sessions.MOST_ACTIONS);
        assertThat(values(ann().actions()))
                .endsWith(JsonValue.of(128), JsonValue.of(-128), JsonValue.of(130), JsonValue.of(-130));
    }

    @Test
    void a_setting_ends_by_itself_and_makes_room() {
        SessionWrite full = NOTHING.set("own", JsonValue.of(1), Duration.ofMinutes(1));
        for (int i = 1; i < Sessions.MOST_SETTINGS; i++) {
            full = full.set("s" + i, JsonValue.of(i));
        }
        long version = changed(full);
        assertThatThrownBy(() -> sessions()
                        .write(ANN, NOTHING.set("more", JsonValue.NULL).action(JsonValue.NULL)))
                .isInstanceOf(TooMuchStateException.class)
                .hasMessageContaining("50 settings")
                .hasMessageContaining("51");
        assertThat(ann().version()).isEqualTo(version);
        assertThat(ann().actions()).isEmpty();
        changed(NOTHING.set("s1", JsonValue.of("again")));
        changed(NOTHING.remove("s2").set("s2b", JsonValue.NULL));
        clock.advance(Duration.ofMinutes(1).minusNanos(1_000));
        assertThat(ann().setting("own")).isPresent();
        clock.advanceMicros(1);
        assertThat(ann().setting("own")).isEmpty();
        assertThat(ann().settings()).hasSize(Sessions.MOST_SETTINGS - 1);
        changed(NOTHING.set("more", JsonValue.NULL));
        assertThat(ann().settings()).hasSize(Sessions.MOST_SETTINGS);
    }

    @Test
    void a_session_is_forgotten_its_time_after_the_last_touch_whatever_that_was() {
        changed(NOTHING.action(JsonValue.of("a")).set("x", JsonValue.of(1), Duration.ofDays(30)));
        clock.advance(KEEP.minusMillis(1));
        assertThat(ann().isEmpty()).isFalse();
        clock.advance(KEEP.minusMillis(1));
        changed(NOTHING);
        clock.advance(KEEP.minusMillis(1));
        sessions().write(ANN, NOTHING.ifVersion(1));
        clock.advance(KEEP.minusMillis(1));
        changed(NOTHING.history(JsonValue.of("b")));
        clock.advance(KEEP);
        changed(NOTHING.history(JsonValue.of("c")));
        assertThat(ann().actions()).isEmpty();
        assertThat(ann().settings()).isEmpty();
        assertThat(values(ann().history())).containsExactly(JsonValue.of("c"));
    }

    @Test
    void clearing_leaves_nothing_and_no_version_begins_anew() {
        assertThat(sessions().write(ANN, SessionWrite.CLEAR)).isEqualTo(new Changed(0));
        long first = changed(
                NOTHING.action(JsonValue.of("a")).history(JsonValue.of("a")).set("x", JsonValue.NULL));
        assertThat(changed(NOTHING)).isEqualTo(first);
        long cleared = changed(SessionWrite.CLEAR);
        assertThat(cleared).isGreaterThan(first);
        assertThat(ann()).isEqualTo(new Session(cleared, List.of(), Map.of(), List.of()));
        assertThat(sessions().write(ANN, NOTHING.ifVersion(first).action(JsonValue.NULL)))
                .isEqualTo(new Unexpected(cleared));
        changed(NOTHING.ifVersion(cleared).history(JsonValue.of("b")));
        assertThat(values(ann().history())).containsExactly(JsonValue.of("b"));
    }

    @Test
    void of_64_writes_and_updates_at_once_none_is_lost() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<SessionAnswer>> all = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                int own = i;
                all.add(threads.submit(() -> sessions()
                        .update(
                                ANN,
                                seen -> NOTHING.set(
                                        "count",
                                        JsonValue.of(seen.setting("count")
                                                        .map(value ->
                                                                value.asWhole().orElseThrow())
                                                        .orElse(0L)
                                                + 1)))));
                if (own < Sessions.MOST_HISTORY) {
                    all.add(threads.submit(() -> sessions().write(ANN, NOTHING.history(JsonValue.of(own)))));
                }
            }
            for (Future<SessionAnswer> one : all) {
                assertThat(one.get()).isInstanceOf(Changed.class);
            }
        }
        assertThat(ann().setting("count")).contains(JsonValue.of(64));
        assertThat(values(ann().history())).hasSize(Sessions.MOST_HISTORY).doesNotHaveDuplicates();
    }

    /** Crash between steps: between the look and the write. */
    @Test
    void an_update_that_fails_in_between_has_changed_nothing_and_one_that_is_always_late_gives_up() {
        long version = changed(NOTHING.action(JsonValue.of("a")));
        assertThatThrownBy(() -> sessions().update(ANN, seen -> {
                    throw new IllegalStateException("dies here");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(ann().version()).isEqualTo(version);
        assertThatThrownBy(() -> sessions().update(ANN, seen -> {
                    changed(NOTHING.set("x", JsonValue.NULL));
                    return NOTHING.set("mine", JsonValue.NULL);
                }))
                .isInstanceOf(ContendedException.class);
        assertThat(ann().settings()).containsOnlyKeys("x");
    }

    @Test
    void what_is_no_write_is_refused() {
        assertThatThrownBy(() -> NOTHING.action(JsonValue.of("x".repeat(Sessions.LARGEST))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10240 bytes")
                .hasMessageNotContaining("xxx");
        assertThatThrownBy(() -> NOTHING.set("x", JsonValue.NULL, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NOTHING.set("", JsonValue.NULL)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> NOTHING.ifVersion(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SessionKey(new BotId(77), 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Sessions.requireKeep(Duration.ofDays(32)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(NOTHING.action(JsonValue.of("secret"))
                        .set("secret", JsonValue.NULL)
                        .toString())
                .doesNotContain("secret");
    }
}
