package dev.sluice.server.cli;

import dev.sluice.delivery.Pause;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** Shows a broadcast's progress: a bar that moves on a terminal, a line now and then anywhere else. */
final class Watch {
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final int LOOKS_PER_LINE = 10;
    private static final int BAR = 30;
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

    private final AdminClient server;
    private final PrintWriter out;
    private final boolean json;
    private final boolean moves;

    Watch(AdminClient server, PrintWriter out, boolean json) {
        this.server = server;
        this.out = out;
        this.json = json;
        this.moves = !json && TokenInput.terminal().isPresent();
    }

    /** @return the exit code: whether it came to its end, and was not cancelled */
    int untilEnded(String id) throws InterruptedException {
        for (int look = 0; ; look++) {
            var answer = server.get("/v1/broadcasts/" + Pages.escaped(id));
            var broadcast = answer.json();
            boolean ended = !broadcast.path("ended").isNull();
            show(answer, ended, look);
            if (ended) {
                return broadcast.path("status").asString().equals("done")
                        ? SluiceCommand.done()
                        : SluiceCommand.failed();
            }
            if (!Pause.sleepUnlessInterrupted(LOOK)) {
                throw new InterruptedException();
            }
        }
    }

    private void show(AdminClient.Answer answer, boolean ended, int look) {
        if (json) {
            if (ended) {
                out.println(answer.text().strip());
            }
        } else if (moves) {
            out.print("\r\u001b[K" + bar(answer.json()) + " " + words(answer.json()) + (ended ? "\n" : ""));
        } else if (ended || look % LOOKS_PER_LINE == 0) {
            out.println(answer.json().path("id").asString() + " " + words(answer.json()));
        }
        out.flush();
    }

    private static String bar(JsonNode broadcast) {
        int full = (int) (done(broadcast) * BAR);
        return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "]";
    }

    private static double done(JsonNode broadcast) {
        double accepted = broadcast.path("accepted").asDouble();
        return (accepted - broadcast.path("pending").asDouble()) / accepted;
    }

    private static String words(JsonNode broadcast) {
        var words = new StringBuilder(String.format(
                Locale.ROOT,
                "%s %.1f %% of %d: %d sent",
                broadcast.path("status").asString(),
                Math.floor(done(broadcast) * 1000) / 10,
                broadcast.path("accepted").asInt(),
                broadcast.path("sent").asInt()));
        add(words, failed(broadcast), "failed");
        add(words, broadcast.path("suppressed").asInt(), "suppressed");
        add(words, broadcast.path("unknown").asInt(), "unknown");
        if (broadcast.path("expected_end").isString()) {
            words.append(String.format(
                    Locale.ROOT,
                    ", %.1f a second, until %s",
                    broadcast.path("rate").asDouble(),
                    CLOCK.format(Instant.parse(broadcast.path("expected_end").asString()))));
        }
        return words.toString();
    }

    private static void add(StringBuilder words, int count, String what) {
        if (count > 0) {
            words.append(", ").append(count).append(' ').append(what);
        }
    }

    /** Of all classes together. */
    static int failed(JsonNode broadcast) {
        return broadcast.path("failed").valueStream().mapToInt(JsonNode::asInt).sum();
    }
}
