package dev.sluice.server.cli;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The messages of a running server that Telegram may have. */
@Command(
        name = "unknown",
        description = "Lists, shows and resolves messages of which nobody knows whether Telegram has them.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class UnknownCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** What became of a message, as somebody has found out. */
    enum Resolution {
        SENT,
        FAILED,
        REQUEUE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "list", description = "Lists a bot's unknown messages.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOptions options,
            @Mixin MessageFilter filter,
            @Parameters(paramLabel = "BOT", description = "The bot's id.") long bot)
            throws InterruptedException {
        var messages = new Pages(options.server()).all("/v1/unknown/" + bot + filter.query(), "messages");
        var table = new Table("MESSAGE", "METHOD", "CHAT", "REASON", "ATTEMPTS", "SINCE");
        messages.forEach(message -> table.row(List.of(
                message.path("id").asString(),
                message.path("method").asString("-"),
                message.path("chat").asString(),
                Pages.lastReason(message),
                message.path("attempts").asString(),
                message.path("until").asString("-"))));
        return options.shown(spec.commandLine().getOut(), messages.toString(), table);
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
            name = "resolve",
            description = "Says what became of one message, or of all of a bot's that match.",
            mixinStandardHelpOptions = true)
    int resolve(
            @Mixin ServerOptions options,
            @Mixin MessageFilter filter,
            @Option(
                            names = "--as",
                            paramLabel = "sent|failed|requeue",
                            required = true,
                            description = "sent: Telegram has it. failed: it has not. requeue: send it, perhaps again.")
                    Resolution as,
            @Parameters(paramLabel = "MESSAGE|BOT", description = "A message's id, or a bot's for all that match.")
                    String which)
            throws InterruptedException {
        var server = options.server();
        var body = filter.body();
        boolean filtered = !body.isEmpty();
        body.put("as", as.toString());
        if (which.contains("-")) {
            if (filtered) {
                throw new ParameterException(
                        spec.subcommands().get("resolve"),
                        "one message needs no filter: give a bot's id, or no filter");
            }
            server.send("POST", "/v1/messages/" + Pages.escaped(which) + "/resolve", body);
            return said(options.json() ? "{\"changed\":1}" : "message " + which + " resolved as " + as);
        }
        long changed = new Pages(server).changed("/v1/unknown/" + Pages.escaped(which) + "/resolve", body);
        return said(options.json() ? "{\"changed\":" + changed + "}" : changed + " messages resolved as " + as);
    }

    private int said(String text) {
        return ServerOptions.said(spec.commandLine().getOut(), text);
    }
}
