package dev.sluice.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.delivery.ResultCodec;
import dev.sluice.event.DedupeWindow;
import dev.sluice.event.EventDeduplicator;
import dev.sluice.idempotency.Fingerprint;
import dev.sluice.idempotency.IdempotencyGuard;
import dev.sluice.idempotency.InMemoryIdempotencyGuard;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of docs/idempotency.md compile, do what they say, and are those that are shown there. */
class ExecutionExamplesTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/sluice/execution/ExecutionExamplesTest.java");
    private static final Path DOCUMENT = Path.of("..", "docs", "idempotency.md");
    private static final LocalDate DAY = LocalDate.of(2027, 1, 15);

    private final IdempotencyGuard guard = new InMemoryIdempotencyGuard();
    private final List<String> booked = new ArrayList<>();
    private final List<String> alerts = new ArrayList<>();
    private final Map<String, Integer> clicks = new HashMap<>();
    private int reportsMade;

    private static final class Declined extends Exception {
        private static final long serialVersionUID = 1L;
    }

    // webhook:begin
    private final ExecutionCounts counts = new ExecutionCounts();
    private final IdempotentExecutor<String> payments = IdempotentExecutor.of(
                    "payment-webhook", guard, ResultCodec.TEXT, ExecutionSettings.atMostOnce())
            .onFailure(e -> e instanceof Declined ? new AfterFailure.Remember("declined") : new AfterFailure.InDoubt())
            .events(counts)
            .open();

    /** The provider delivers each event until it hears 200, to any replica, now and then to two at once. */
    int onPaymentWebhook(String eventId, byte[] body) throws InterruptedException {
        return switch (payments.run(eventId, Fingerprint.of(body), () -> book(body))) {
            case Execution.Ran<String> ran -> 200;
            case Execution.Replayed<String> before -> 200;
            case Execution.Done<String> before -> 200;
            case Execution.Failed<String>(Exception declined, AfterFailure.Remember told) -> 200;
            case Execution.Failed<String> doubt -> alert("look whether " + eventId + " was booked");
            case Execution.FailedBefore<String> declined -> 200;
            case Execution.InProgress<String> elsewhere -> 503;
            case Execution.Unknown<String> doubt -> alert("look whether " + eventId + " was booked");
            case Execution.Mismatch<String> forged -> 400;
        };
    }
    // webhook:end

    private String book(byte[] body) throws Declined {
        String text = new String(body, StandardCharsets.UTF_8);
        booked.add(text);
        if (text.startsWith("declined")) {
            throw new Declined();
        }
        if (text.startsWith("broken")) {
            throw new IllegalStateException("the connection broke");
        }
        return "receipt " + booked.size();
    }

    private int alert(String text) {
        alerts.add(text);
        return 200;
    }

    /** What came in. */
    record Event(String id, String button) {}

    // events:begin
    private final EventDeduplicator events = EventDeduplicator.inMemory(new DedupeWindow(Duration.ofDays(1), 100_000));

    /** The tracker sends a batch again when it heard no answer. */
    void onAnalytics(List<Event> batch) {
        BitSet first =
                events.firstSeen("analytics", batch.stream().map(Event::id).toList());
        first.stream().mapToObj(batch::get).forEach(this::count);
    }
    // events:end

    private void count(Event event) {
        clicks.merge(event.button(), 1, Integer::sum);
    }

    // callable:begin
    private final IdempotentExecutor<String> reports = IdempotentExecutor.of(
                    "daily-report",
                    guard,
                    ResultCodec.TEXT,
                    ExecutionSettings.atLeastOnce().withKeep(Duration.ofDays(2)))
            .open();

    /** Whoever asks first has it made, whoever asks meanwhile waits, whoever asks later gets the same. */
    String report(LocalDate day) throws Exception {
        return switch (reports.run(day.toString(), () -> makeReport(day))) {
            case Execution.Ran(String text, boolean kept) -> text;
            case Execution.Replayed(String text) -> text;
            case Execution.Failed<String>(Exception cause, AfterFailure after) -> throw cause;
            case Execution.InProgress<String> elsewhere -> "is being made";
            case Execution<String> other -> "cannot be shown: " + other;
        };
    }
    // callable:end

    private String makeReport(LocalDate day) {
        reportsMade++;
        return "report of " + day;
    }

    @AfterEach
    void close() {
        payments.close();
        reports.close();
    }

    @Test
    void a_payment_webhook_is_handled_once() throws Exception {
        for (int delivery = 0; delivery < 3; delivery++) {
            assertThat(onPaymentWebhook("evt-1", bytes("17 EUR"))).isEqualTo(200);
            assertThat(onPaymentWebhook("evt-2", bytes("declined 18 EUR"))).isEqualTo(200);
            assertThat(onPaymentWebhook("evt-3", bytes("broken 19 EUR"))).isEqualTo(200);
            assertThat(alerts)
                    .as("also the first time: the provider heard 200 and may never deliver it again")
                    .hasSize(delivery + 1);
        }
        assertThat(onPaymentWebhook("evt-1", bytes("1700 EUR"))).isEqualTo(400);

        assertThat(booked).containsExactly("17 EUR", "declined 18 EUR", "broken 19 EUR");
        assertThat(alerts).containsOnly("look whether evt-3 was booked");
        assertThat(counts.of("payment-webhook")).isEqualTo(new ExecutionCounts.Counts(10, 3, 6, 4));
    }

    @Test
    void an_analytics_event_counts_once() {
        onAnalytics(List.of(new Event("e1", "buy"), new Event("e2", "help"), new Event("e1", "buy")));
        onAnalytics(List.of(new Event("e1", "buy"), new Event("e2", "help"), new Event("e3", "buy")));

        assertThat(clicks).isEqualTo(Map.of("buy", 2, "help", 1));
    }

    @Test
    void a_callable_runs_once() throws Exception {
        assertThat(report(DAY)).isEqualTo("report of 2027-01-15");
        assertThat(report(DAY)).isEqualTo("report of 2027-01-15");
        assertThat(reportsMade).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"webhook", "events", "callable"})
    void each_is_the_one_that_the_documentation_shows(String name) throws Exception {
        List<String> lines = Files.readAllLines(SOURCE);
        String example = lines
                .subList(lines.indexOf("    // " + name + ":begin") + 1, lines.indexOf("    // " + name + ":end"))
                .stream()
                .map(line -> line.replaceFirst("^ {4}", ""))
                .collect(Collectors.joining("\n"));

        assertThat(Files.readString(DOCUMENT)).contains("```java\n" + example + "\n```");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
