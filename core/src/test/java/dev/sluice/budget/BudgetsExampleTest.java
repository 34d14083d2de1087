package dev.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The example of docs/budgets.md compiles, does what it says, and is the one that is shown there. */
class BudgetsExampleTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/sluice/budget/BudgetsExampleTest.java");
    private static final Path DOCUMENT = Path.of("..", "docs", "budgets.md");

    private final Budgets budgets = Budgets.inMemory();
    private final List<String> replies = new ArrayList<>();

    // example:begin
    private static final Budget DAILY =
            Budget.of("messages", 30, Duration.ofDays(1)).withWhitelist(Whitelist.of(List.of("123456789", "@ann")));

    void onMessage(long user, String username) {
        switch (budgets.consume(DAILY, BudgetUser.of(user, username))) {
            case Consumption.Allowed a -> answer(a.remaining() + " more until " + a.resetsAt());
            case Consumption.Exempt e -> answer("as many as you like");
            case Consumption.Exhausted e ->
                answer("come back in " + e.resetsIn().toMinutes() + " minutes");
        }
    }
    // example:end

    private void answer(String text) {
        replies.add(text);
    }

    @Test
    void it_does_what_it_says() {
        for (int i = 0; i < 31; i++) {
            onMessage(42, "bob");
        }
        onMessage(7, "Ann");

        assertThat(replies.get(0)).startsWith("29 more until ");
        assertThat(replies.get(30)).matches("come back in 14(39|40) minutes");
        assertThat(replies.get(31)).isEqualTo("as many as you like");
    }

    @Test
    void it_is_the_one_that_the_documentation_shows() throws Exception {
        List<String> lines = Files.readAllLines(SOURCE);
        String example =
                lines.subList(lines.indexOf("    // example:begin") + 1, lines.indexOf("    // example:end")).stream()
                        .map(line -> line.replaceFirst("^ {4}", ""))
                        .collect(Collectors.joining("\n"));

        assertThat(Files.readString(DOCUMENT)).contains("```java\n" + example + "\n```");
    }
}
