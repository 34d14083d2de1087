package dev.sluice.server.cli;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The dead letters of a running server. */
@Command(
        name = "dlq",
        description = "Lists, shows, requeues and purges messages that failed for good.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class DeadLettersCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Which dead letters are meant. */
    static final class Filter {
        @Option(names = "--chat", paramLabel = "CHAT", description = "Only this chat's.")
        private @Nullable String chat;

        @Option(
                names = "--reason",
                paramLabel = "REASON",
                description = "Only those whose last attempt ended for it, such as refused-403.")
        private @Nullable String reason;

        @Option(names = "--from", paramLabel = "TIME", description = "Only those that came there then or later.")
        private @Nullable String from;

        @Option(names = "--until", paramLabel = "TIME", description = "Only those that came there before.")
        private @Nullable String until;

        ObjectNode body() {
            var body = JsonMapper.shared().createObjectNode();
            Optional.ofNullable(chat).ifPresent(value -> body.put("chat", value));
            Optional.ofNullable(reason).ifPresent(value -> body.put("reason", value));
            Optional.ofNullable(from).ifPresent(value -> body.put("from", value));
            Optional.ofNullable(until).ifPresent(value -> body.put("until", value));
            return body;
        }

        String query() {
            var query = new StringBuilder("?limit=200");
            body().properties()
                    .forEach(given -> query.append('&')
                            .append(given.getKey())
                            .append('=')
                            .append(Pages.escaped(given.getValue().asString())));
            return query.toString();
        }
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "list", description = "Lists a bot's dead letters.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOptions options,
            @Mixin Filter filter,
            @Parameters(paramLabel = "BOT", description = "The bot's id.") long bot)
            throws InterruptedException {
        var letters = new Pages(options.server()).all("/v1/dlq/" + bot + filter.query(), "messages");
        if (options.json()) {
            return said(letters.toString());
        }
        var table = new Table("MESSAGE", "METHOD", "CHAT", "FAILURE", "REASON", "ATTEMPTS", "SINCE");
        letters.forEach(letter -> table.row(List.of(
                letter.path("id").asString(),
                letter.path("method").asString("-"),
                letter.path("chat").asString(),
                letter.path("failure").asString("-"),
                lastReason(letter),
                letter.path("attempts").asString(),
                letter.path("until").asString("-"))));
        table.print(spec.commandLine().getOut());
        spec.commandLine().getOut().flush();
        return SluiceCommand.done();
    }

    @Command(name = "show", description = "Shows a message with its attempts.", mixinStandardHelpOptions = true)
    int show(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "MESSAGE", description = "The message's id.") String message)
            throws InterruptedException {
        var answer = options.server().get("/v1/messages/" + Pages.escaped(message));
        return said(options.json() ? answer.text().strip() : answer.json().toPrettyString());
    }

    @Command(
            name = "requeue",
            description = "Puts one dead letter, or all of a bot's that match, back into their lanes.",
            mixinStandardHelpOptions = true)
    int requeue(
            @Mixin ServerOptions options,
            @Mixin Filter filter,
            @Parameters(paramLabel = "MESSAGE|BOT", description = "A message's id, or a bot's for all that match.")
                    String which)
            throws InterruptedException {
        return change(options, filter, which, "requeue", "requeued");
    }

    @Command(
            name = "purge",
            description = "Forgets one dead letter, or all of a bot's that match.",
            mixinStandardHelpOptions = true)
    int purge(
            @Mixin ServerOptions options,
            @Mixin Filter filter,
            @Parameters(paramLabel = "MESSAGE|BOT", description = "A message's id, or a bot's for all that match.")
                    String which)
            throws InterruptedException {
        return change(options, filter, which, "purge", "purged");
    }

    private int change(ServerOptions options, Filter filter, String which, String verb, String done)
            throws InterruptedException {
        var server = options.server();
        var body = filter.body();
        if (which.contains("-")) {
            if (!body.isEmpty()) {
                throw new ParameterException(
                        spec.subcommands().get(verb), "one message needs no filter: give a bot's id, or no filter");
            }
            server.send("POST", "/v1/messages/" + Pages.escaped(which) + "/" + verb, body);
            return said(options.json() ? "{\"changed\":1}" : "message " + which + " " + done);
        }
        long changed = 0;
        var cursor = "";
        do {
            var path = "/v1/dlq/" + Pages.escaped(which) + "/" + verb + cursor;
            var answer = server.send("POST", path, body).json();
            changed += answer.path("changed").asLong();
            cursor = answer.path("next_cursor").isString()
                    ? "?cursor=" + Pages.escaped(answer.path("next_cursor").asString())
                    : "";
        } while (!cursor.isEmpty());
        return said(options.json() ? "{\"changed\":" + changed + "}" : changed + " messages " + done);
    }

    private static String lastReason(JsonNode letter) {
        var attempts = letter.path("failed_attempts");
        return attempts.isEmpty()
                ? "-"
                : attempts.path(attempts.size() - 1).path("reason").asString();
    }

    private int said(String text) {
        spec.commandLine().getOut().println(text);
        spec.commandLine().getOut().flush();
        return SluiceCommand.done();
    }
}
