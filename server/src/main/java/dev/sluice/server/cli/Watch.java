package dev.sluice.server.cli;

import dev.sluice.SluiceException;
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

    /** Looks in succession that may fail: a restart, a store that is away. */
    private static final int PATIENCE = 60;

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

    private final AdminClient server;
    private final PrintWriter out;
    private final boolean json;
    private final boolean moves;

    /** @param terminal whether what was printed can be overwritten */
    Watch(AdminClient server, PrintWriter out, boolean json, boolean terminal) {
        this.server = server;
        this.out = out;
        this.json = json;
        this.moves = !json && terminal;
    }

    /** @return the exit code: whether it came to its end, and was not cancelled; one that pauses itself is not waited for */
    int untilEnded(String id) throws InterruptedException {
        var path = "/v1/broadcasts/" + Pages.escaped(id);
        var answer = server.get(path);
        for (int look = 0; ; look++) {
            var broadcast = answer.json();
            // Who waits for a broadcast that only somebody's decision lets go on would wait for ever.
            boolean ended = !broadcast.path("ended").isNull() || isRefused(broadcast);
            show(answer, ended, look);
            if (ended) {
                return broadcast.path("status").asString().equals("done")
                        ? SluiceCommand.done()
                        : SluiceCommand.failed();
            }
            answer = next(path);
        }
    }

    /** A broadcast outlives the server that is asked: whoever watches does so for a while. */
    private AdminClient.Answer next(String path) throws InterruptedException {
        for (int failures = 1; ; failures++) {
            if (!Pause.sleepUnlessInterrupted(LOOK)) {
                throw new InterruptedException();
            }
            try {
                return server.get(path);
            } catch (SluiceException e) {
                if (failures == PATIENCE) {
                    throw e;
                }
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
                status(broadcast),
                Math.floor(done(broadcast) * 1000) / 10,
                broadcast.path("accepted").asInt(),
                broadcast.path("sent").asInt()));
        add(words, failed(broadcast), "failed");
        add(words, broadcast.path("suppressed").asInt(), "suppressed");
        add(words, broadcast.path("unknown").asInt(), "unknown");
        if (isRefused(broadcast)) {
            words.append("; Telegram refuses one after the other: see dlq list, then broadcast resume or cancel");
        }
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

    private static boolean isRefused(JsonNode broadcast) {
        return broadcast.path("paused_by").asString("").equals("refusals");
    }

    /** Where it is, and why if that is not what somebody asked for. */
    static String status(JsonNode broadcast) {
        return broadcast.path("status").asString() + (isRefused(broadcast) ? " (refused)" : "");
    }

    /** Of all classes together. */
    static int failed(JsonNode broadcast) {
        return broadcast.path("failed").valueStream().mapToInt(JsonNode::asInt).sum();
    }
}
