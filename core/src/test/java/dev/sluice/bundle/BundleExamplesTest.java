package dev.sluice.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.telegram.BotId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The example of docs/bundles.md compiles, does what it says, and is the one that is shown there. */
class BundleExamplesTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/sluice/bundle/BundleExamplesTest.java");
    private static final Path DOCUMENT = Path.of("..", "docs", "bundles.md");
    private static final Instant NOW = Instant.parse("2027-01-15T12:00:00Z");

    private final BotId bot = new BotId(123_456);
    private final List<String> sent = new CopyOnWriteArrayList<>();

    // bundle:begin
    private final Bundles bundles = Bundles.inMemory().build();
    private final Bundler bundler = Bundler.start(bundles, bot, this::answer);

    /** For each update, as soon as it comes. */
    void received(long chat, long user, long messageId, Instant sent, String text) {
        switch (bundler.add(chat, user, TalkMessage.of(messageId, sent, text))) {
            case Addition.Added(Instant arrival, boolean shared) -> {}
            case Addition.Duplicate(Instant arrival) -> {}
            case Addition.Full() -> send(chat, "Slow down, please.");
        }
    }

    /** Once a person pauses; one bundle of theirs at a time. */
    void answer(Bundle bundle) throws Exception {
        send(bundle.conversation().chat(), bundle.isCommand() ? menu() : costlyAnswer(bundle.text()));
    }
    // bundle:end

    private void send(long chat, String text) {
        sent.add(chat + ": " + text);
    }

    private String menu() throws InterruptedException {
        return "menu";
    }

    private String costlyAnswer(String text) {
        return text.length() + " characters";
    }

    @AfterEach
    void close() {
        bundler.close();
        bundles.close();
    }

    @Test
    void a_burst_is_answered_once_and_a_command_at_once() {
        received(7, 7, 1, NOW, "hello");
        received(7, 7, 2, NOW, "you");
        received(7, 7, 3, NOW, "/menu");
        await().atMost(Duration.ofSeconds(30)).until(() -> sent.size() == 2);
        assertThat(sent).containsExactly("7: 9 characters", "7: menu");
    }

    @Test
    void it_is_the_one_that_the_documentation_shows() throws Exception {
        List<String> lines = Files.readAllLines(SOURCE);
        String example =
                lines.subList(lines.indexOf("    // bundle:begin") + 1, lines.indexOf("    // bundle:end")).stream()
                        .map(line -> line.replaceFirst("^ {4}", ""))
                        .collect(Collectors.joining("\n"));

        assertThat(Files.readString(DOCUMENT)).contains("```java\n" + example + "\n```");
    }
}
