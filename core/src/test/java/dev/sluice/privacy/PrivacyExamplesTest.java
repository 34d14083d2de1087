package dev.sluice.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.session.SessionKey;
import dev.sluice.session.SessionWrite;
import dev.sluice.session.Sessions;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateEvents;
import dev.sluice.telegram.BotId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of docs/privacy.md compile, do what they say, and are those that are shown there. */
class PrivacyExamplesTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/sluice/privacy/PrivacyExamplesTest.java");
    private static final Path DOCUMENT = Path.of("..", "docs", "privacy.md");

    private final Privacy privacy = Privacy.inMemory();
    private final Sessions sessions = Sessions.inMemory(Sessions.USUAL_KEEP, StateEvents.NONE);

    // levels:begin
    /** What a user has chosen; says whether all that was kept of their texts is gone. */
    boolean choose(long user, boolean keepsTexts) {
        PersonalDataRegistry.Report purged = privacy.set(user, keepsTexts ? PrivacyLevel.FULL : PrivacyLevel.NONE);
        return purged.isComplete();
    }

    /** Nothing is left of them but what they chose. */
    Map<String, Long> leave(long user) {
        return privacy.forget(user).removed();
    }
    // levels:end

    // part:begin
    /** The bot's own notes: they ask before they keep a text, and are forgotten with everything else. */
    static final class Notes implements PersonalData {
        private final PrivacyLevels levels;
        private final Map<Long, String> database = new ConcurrentHashMap<>();

        Notes(Privacy privacy) {
            levels = privacy.levels();
            privacy.data().add(this);
        }

        /** @return whether it is kept */
        boolean take(long user, String text) {
            if (levels.of(user) == PrivacyLevel.NONE) {
                return false;
            }
            database.put(user, text);
            return true;
        }

        @Override
        public String family() {
            return "notes";
        }

        @Override
        public long forget(long user) {
            return database.remove(user) == null ? 0 : 1;
        }
    }
    // part:end

    @AfterEach
    void close() {
        privacy.close();
    }

    @Test
    void a_user_chooses_and_leaves() {
        privacy.data().add(sessions);
        var notes = new Notes(privacy);
        sessions.write(new SessionKey(new BotId(7), 42), SessionWrite.NOTHING.action(JsonValue.of("x")));
        assertThat(notes.take(42, "hello")).isTrue();
        assertThat(choose(42, false)).isTrue();
        assertThat(notes.database).isEmpty();
        assertThat(notes.take(42, "hello")).isFalse();
        assertThat(leave(42)).isEqualTo(Map.of("session", 1L, "notes", 0L));
        assertThat(choose(42, true)).isTrue();
        assertThat(notes.take(42, "hello")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"levels", "part"})
    void the_documentation_shows_these_examples(String name) throws Exception {
        List<String> source = Files.readAllLines(SOURCE);
        String example = source
                .subList(source.indexOf("    // " + name + ":begin") + 1, source.indexOf("    // " + name + ":end"))
                .stream()
                .map(line -> line.replaceFirst("^ {4}", ""))
                .collect(Collectors.joining("\n"));

        assertThat(Files.readString(DOCUMENT)).contains("```java\n" + example + "\n```");
    }
}
