package dev.sluice.namedlimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.limit.Waiter;
import dev.sluice.limit.WaitingRoom;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The example of docs/limits.md compiles, does what it says, and is the one that is shown there. */
class NamedLimitsExampleTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/sluice/namedlimit/NamedLimitsExampleTest.java");
    private static final Path DOCUMENT = Path.of("..", "docs", "limits.md");

    private final Client weather = city -> "sunny in " + city;

    /** Somebody else's API. */
    @FunctionalInterface
    private interface Client {
        String ask(String city) throws Exception;
    }

    // example:begin
    private final NamedLimits limits = NamedLimits.inMemory();
    private final WaitingRoom room = new WaitingRoom(1_000);
    private final PatientNamedLimits patient = new PatientNamedLimits(limits, room, new Waiter("process1"));

    void start() {
        limits.defineIfAbsent(NamedLimit.atMost("payments", 3, Duration.ofMinutes(5)));
        limits.defineIfAbsent(NamedLimit.smooth("weather", 100, Duration.ofMinutes(1), 10));
    }

    boolean mayPay(long user) {
        return limits.acquire(Use.of("payments").by(Long.toString(user))).passes();
    }

    String forecast(String city) throws Exception {
        return patient.call(Use.of("weather"), Duration.ofSeconds(5), () -> weather.ask(city));
    }
    // example:end

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void it_does_what_it_says() throws Exception {
        start();
        assertThat(mayPay(42)).isTrue();
        assertThat(mayPay(42)).isTrue();
        assertThat(mayPay(42)).isTrue();
        assertThat(mayPay(42)).isFalse();
        assertThat(mayPay(43)).isTrue();

        assertThat(forecast("Riga")).isEqualTo("sunny in Riga");
        limits.define(NamedLimit.atMost("weather", 1, Duration.ofHours(1)));
        forecast("Oslo");
        assertThatThrownBy(() -> patient.call(Use.of("weather"), Duration.ZERO, () -> weather.ask("Rome")))
                .isInstanceOf(LimitedException.class);
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
