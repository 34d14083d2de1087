package dev.sluice.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The example of docs/cache.md compiles, does what it says, and is the one that is shown there. */
class CacheExampleTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/sluice/cache/CacheExampleTest.java");
    private static final Path DOCUMENT = Path.of("..", "docs", "cache.md");

    private final Caches caches = Caches.inMemory();
    private final Database database = new Database();

    // example:begin
    private final Cache<String> users =
            caches.open(CacheSettings.USER.withWithin(Duration.ofSeconds(2)), CacheCodec.TEXT);

    String greeting(long user) throws InterruptedException {
        Optional<String> name = users.get(CacheKey.of(user), () -> database.nameOf(user));
        return name.map(known -> "Hello, " + known).orElse("Who are you?");
    }

    void rename(long user, String name) {
        database.rename(user, name);
        users.invalidate(CacheKey.of(user));
    }
    // example:end

    private static final class Database {
        private final Map<Long, String> names = new HashMap<>();
        private int asked;

        synchronized Optional<String> nameOf(long user) {
            asked++;
            return Optional.ofNullable(names.get(user));
        }

        synchronized void rename(long user, String name) {
            names.put(user, name);
        }
    }

    @AfterEach
    void close() {
        caches.close();
    }

    @Test
    void it_does_what_it_says() throws Exception {
        assertThat(greeting(42)).isEqualTo("Who are you?");
        rename(42, "Ann");
        assertThat(greeting(42)).isEqualTo("Hello, Ann");
        assertThat(greeting(42)).isEqualTo("Hello, Ann");
        assertThat(database.asked).isEqualTo(2);
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
