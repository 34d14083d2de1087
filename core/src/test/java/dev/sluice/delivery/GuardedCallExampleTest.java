package dev.sluice.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The example of README.md compiles, does what it says, and is the one that is shown there. */
class GuardedCallExampleTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/sluice/delivery/GuardedCallExampleTest.java");
    private static final Path DOCUMENT = Path.of("..", "README.md");
    private static final Logger log = LoggerFactory.getLogger(GuardedCallExampleTest.class);

    private final List<String> sent = new ArrayList<>();
    private final Client client = (chat, text) -> {
        sent.add(text);
        return "message 1";
    };

    /** Somebody's own Bot API client. */
    @FunctionalInterface
    private interface Client {
        String sendMessage(long chat, String text) throws Exception;
    }

    private void send(OutboundCall call, long chatId, String text) throws Exception {
        // example:begin
        try (var delivery = Deliveries.inMemory(DeliverySettings.DEFAULT, DeliveryEvents.NONE)) {
            var guarded = new GuardedCall<>(delivery, ResultCodec.TEXT, GuardedCall::mayHaveHappened);
            switch (guarded.run(call, () -> client.sendMessage(chatId, text)).outcome()) {
                case Outcome.Sent s -> log.info("sent");
                case Outcome.Duplicate d -> log.info("was sent before");
                case Outcome.RateLimited(var scope, var after) -> log.info("{} is full for {}", scope, after);
                case Outcome.Unknown u -> log.warn("Telegram may have it");
                case Outcome other -> log.warn("not sent: {}", other);
            }
        }
        // example:end
    }

    @Test
    void it_does_what_it_says() throws Exception {
        var call = new OutboundCall(
                new BotId(123456),
                new Method("sendMessage"),
                Optional.of(ChatId.of(42)),
                1,
                false,
                Fingerprint.of("hello".getBytes(UTF_8)),
                Optional.empty(),
                Duration.ofMinutes(1),
                Duration.ofSeconds(2),
                Priority.NORMAL,
                false);
        send(call, 42, "hello");
        assertThat(sent).containsExactly("hello");
    }

    @Test
    void it_is_the_one_that_the_documentation_shows() throws Exception {
        List<String> lines = Files.readAllLines(SOURCE);
        String example = lines
                .subList(lines.indexOf("        // example:begin") + 1, lines.indexOf("        // example:end"))
                .stream()
                .map(line -> line.replaceFirst("^ {8}", ""))
                .collect(Collectors.joining("\n"));

        assertThat(Files.readString(DOCUMENT)).contains("```java\n" + example + "\n```");
    }
}
