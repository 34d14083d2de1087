package dev.sluice.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.telegram.BotId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The example of docs/history.md compiles, does what it says, and is the one that is shown there. */
class HistoryExamplesTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/sluice/history/HistoryExamplesTest.java");
    private static final Path DOCUMENT = Path.of("..", "docs", "history.md");
    private final Instant now = Instant.now();

    private final BotId bot = new BotId(123_456);
    private final Database database = new Database();
    private final List<String> asked = new ArrayList<>();
    private final List<String> told = new ArrayList<>();

    /** A table, and its queries. */
    private final class Database {
        record Row(long chat, long message, boolean byBot, String text, Instant sent) {}

        final List<Row> rows = new ArrayList<>();

        List<Row> lastMessages(long chat, Duration age, int most) {
            List<Row> young = rows.stream()
                    .filter(row -> row.chat == chat && row.sent.isAfter(now.minus(age)))
                    .toList();
            return young.subList(Math.max(0, young.size() - most), young.size());
        }

        void insertIfAbsent(long chat, NewEntry entry) {
            long message = Long.parseLong(entry.id().orElseThrow());
            if (rows.stream().noneMatch(row -> row.chat == chat && row.message == message)) {
                rows.add(new Row(
                        chat,
                        message,
                        entry.role() == ChatRole.ASSISTANT,
                        entry.text(),
                        entry.time().orElse(now)));
            }
        }
    }

    // history:begin
    private final Histories histories =
            Histories.inMemory().store(new Messages()).build();

    /** For each message, as soon as it comes. */
    String answer(long chat, long messageId, Instant sent, String text) {
        var key = new HistoryKey(bot, chat);
        histories.append(
                key, List.of(NewEntry.of(ChatRole.USER, text).id(messageId).at(sent)));
        History history = histories.read(key, 20, 4_000);
        String answer = model(history.entries());
        histories.append(key, List.of(NewEntry.of(ChatRole.ASSISTANT, answer).id(send(chat, answer))));
        return answer;
    }

    /** The bot's own table. */
    private final class Messages implements HistoryStore {
        @Override
        public List<NewEntry> load(HistoryKey key, HistoryBounds bounds) {
            return database.lastMessages(key.chat(), bounds.age(), bounds.entries()).stream()
                    .map(row -> NewEntry.of(row.byBot() ? ChatRole.ASSISTANT : ChatRole.USER, row.text())
                            .id(row.message())
                            .at(row.sent()))
                    .toList();
        }

        @Override
        public void append(HistoryKey key, List<NewEntry> entries) {
            entries.forEach(entry -> database.insertIfAbsent(key.chat(), entry));
        }
    }
    // history:end

    private String model(List<HistoryEntry> entries) {
        asked.add(entries.stream().map(HistoryEntry::text).collect(Collectors.joining("|")));
        return "answer " + asked.size();
    }

    private long send(long chat, String text) {
        told.add(chat + " " + text);
        return 1_000L + told.size();
    }

    @AfterEach
    void close() {
        histories.close();
    }

    @Test
    void a_model_is_asked_with_what_was_said_before_also_before_this_process_began() {
        database.rows.add(new Database.Row(42, 7, false, "yesterday", now.minusSeconds(3_600)));
        answer(42, 8, now, "hello");
        answer(42, 9, now, "and now?");
        assertThat(asked).containsExactly("yesterday|hello", "yesterday|hello|answer 1|and now?");
        assertThat(told).containsExactly("42 answer 1", "42 answer 2");
        assertThat(database.rows).hasSize(5);
        assertThat(histories.read(new HistoryKey(bot, 42)).complete()).isTrue();
    }

    @Test
    void it_is_the_one_that_the_documentation_shows() throws Exception {
        List<String> lines = Files.readAllLines(SOURCE);
        String example =
                lines.subList(lines.indexOf("    // history:begin") + 1, lines.indexOf("    // history:end")).stream()
                        .map(line -> line.replaceFirst("^ {4}", ""))
                        .collect(Collectors.joining("\n"));

        assertThat(Files.readString(DOCUMENT)).contains("```java\n" + example + "\n```");
    }
}
