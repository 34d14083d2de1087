package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.helpers.MessageFormatter;

/** The guards around a client of one's own; the example is the one that README.md shows. */
class GuardedCallTest extends DeliveryCalls {
    private static final Path SOURCE = Path.of("src/test/java/dev/sluice/delivery/GuardedCallTest.java");
    private static final Path DOCUMENT = Path.of("..", "README.md");
    private static final long GROUP = -1;

    private final List<String> lines = new ArrayList<>();
    private final AtomicInteger sent = new AtomicInteger();
    private final Client client = new Client();
    private final Client log = client;

    /** A bot's own client of the Bot API, and its log. */
    private final class Client {
        private Callable<String> answer = () -> "message " + sent.incrementAndGet();

        String sendMessage(long chat, String text) throws Exception {
            return answer.call() + " to " + chat + ": " + text;
        }

        void info(String line, Object... more) {
            lines.add(MessageFormatter.arrayFormat(line, more).getMessage());
        }

        void warn(String line, Object... more) {
            lines.add(MessageFormatter.arrayFormat(line, more).getMessage());
        }
    }

    // example:begin
    private final Deliveries.Closeable delivery =
            Deliveries.inMemory(DeliverySettings.DEFAULT, DeliveryEvents.NONE); // closed with the bot
    private final GuardedCall<String> guarded =
            new GuardedCall<>(delivery, ResultCodec.TEXT, GuardedCall::mayHaveHappened);

    void send(OutboundCall call, long chatId, String text) throws InterruptedException {
        switch (guarded.run(call, () -> client.sendMessage(chatId, text)).outcome()) {
            case Outcome.Sent s -> log.info("sent");
            case Outcome.Duplicate d -> log.info("was sent before");
            case Outcome.RateLimited(var scope, var after) -> log.info("{} is full for {}", scope, after);
            case Outcome.Unknown u -> log.warn("Telegram may have it");
            case Outcome other -> log.warn("not sent: {}", other);
        }
    }
    // example:end

    @AfterEach
    void close() throws Exception {
        delivery.close();
        threads.close();
    }

    /** One that spends all its group's messages of a minute. */
    private OutboundCall filling(long group, String text) {
        OutboundCall one = call(group, text);
        int all = DeliverySettings.DEFAULT.limits().apply(bot).group().capacity();
        return new OutboundCall(
                bot,
                one.method(),
                one.chat(),
                all,
                false,
                one.fingerprint(),
                one.key(),
                one.keep(),
                one.maxWait(),
                one.priority(),
                false);
    }

    @Test
    void the_example_does_what_it_says() throws Exception {
        OutboundCall keyed = keyed(filling(GROUP, "hello"), "order-17");
        send(keyed, GROUP, "hello");
        send(keyed, GROUP, "hello");
        send(waiting(call(GROUP, "more"), Duration.ZERO), GROUP, "more");
        client.answer = () -> {
            sent.incrementAndGet();
            throw new IOException("reset");
        };
        send(keyed(call(2, "hello"), "order-18"), 2, "hello");
        send(keyed(call(2, "hello"), "order-18"), 2, "hello");

        assertThat(lines)
                .hasSize(5)
                .startsWith("sent", "was sent before")
                .endsWith("Telegram may have it", "Telegram may have it");
        assertThat(lines.get(2)).startsWith("group is full for PT");
        assertThat(sent).as("what may have been sent is not sent again").hasValue(2);
    }

    @Test
    void the_value_is_the_clients_or_its_first_twins() throws Exception {
        OutboundCall keyed = keyed(filling(GROUP, "hello"), "order-17");

        assertThat(guarded.run(keyed, () -> "message 5").value()).contains("message 5");
        assertThat(guarded.run(keyed, () -> "message 6").value()).contains("message 5");
        assertThat(guarded.run(waiting(call(GROUP, "more"), Duration.ZERO), () -> "message 7")
                        .value())
                .as("its turn did not come")
                .isEmpty();
    }

    @Test
    void only_what_says_that_nothing_was_connected_means_that_nothing_was_sent() {
        assertThat(GuardedCall.mayHaveHappened(new IllegalStateException(new ConnectException("refused"))))
                .isEqualTo(new Attempt.NotReached("connect"));
        assertThat(GuardedCall.mayHaveHappened(new IOException("reset by 10.0.0.5")))
                .as("without its message, which may hold anything")
                .isEqualTo(new Attempt.Unanswered("IOException"));
    }

    @Test
    void it_is_the_one_that_the_documentation_shows() throws Exception {
        List<String> source = Files.readAllLines(SOURCE);
        String example =
                source
                        .subList(source.indexOf("    // example:begin") + 1, source.indexOf("    // example:end"))
                        .stream()
                        .map(line -> line.replaceFirst("^ {4}", ""))
                        .collect(Collectors.joining("\n"));

        assertThat(Files.readString(DOCUMENT)).contains("```java\n" + example + "\n```");
    }
}
