package dev.sluice.queue;

import static dev.sluice.telegram.Priority.HIGH;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.SteadyClock;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.limit.RateLimiters;
import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The example of docs/queue.md compiles, does what it says, and is the one that is shown there. */
class QueueExampleTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/sluice/queue/QueueExampleTest.java");
    private static final Path DOCUMENT = Path.of("..", "docs", "queue.md");
    private static final Logger log = LoggerFactory.getLogger(QueueExampleTest.class);

    private final LongSupplier clock = SteadyClock.micros();
    private final MessageQueue queue = MessageQueues.inMemory(
            clock,
            RateLimiters.inMemory(clock),
            bot -> TelegramLimits.DOCUMENTED,
            QueueSettings.DEFAULT,
            new Random(7));

    private static Ending send(Leased message) {
        return new Ending.Sent(message.payload());
    }

    private void sendLater(BotId bot, ChatId chat, byte[] payload, String digest, Fingerprint fingerprint)
            throws InterruptedException {
        // example:begin
        switch (queue.enqueue(
                bot, NewMessage.to(chat, payload).withPriority(HIGH).once(digest, fingerprint))) {
            case Enqueued.Added(var id) -> log.info("{} leaves when Telegram allows", id);
            case Enqueued.Known(var id) -> log.info("is {} already", id);
            case Enqueued.Mismatch(var id) -> log.warn("the key of {} was used for other content", id);
            case Enqueued.Claimed(var how) -> log.info("a call that waits has the key: {}", how);
            case Enqueued.Full(var bound) -> log.warn("{} are waiting", bound);
        }
        for (Leased message : queue.awaitWork(bot, 50, ofSeconds(30)).messages()) {
            queue.settle(
                    bot,
                    List.of(message.ends(send(message)))); // Sent, Refused, Retry, Flooded, NotSent, Unanswered ...
        }
        // example:end
    }

    @Test
    void it_does_what_it_says() throws Exception {
        var bot = new BotId(123456);
        byte[] payload = "hello".getBytes(UTF_8);
        sendLater(bot, ChatId.of(42), payload, "ab".repeat(16), Fingerprint.of(payload));

        assertThat(queue.statistics(bot).sent()).isEqualTo(1);
        assertThat(queue.statistics(bot).pending()).isZero();
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
