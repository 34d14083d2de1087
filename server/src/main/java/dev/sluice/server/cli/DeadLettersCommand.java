package dev.sluice.server.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The dead letters of a running server. */
@Command(
        name = "dlq",
        description = "Lists, shows, requeues and purges messages that failed for good.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class DeadLettersCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "list", description = "Lists a bot's dead letters.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOptions options,
            @Mixin MessageFilter filter,
            @Parameters(paramLabel = "BOT", description = "The bot's id.") long bot)
            throws InterruptedException {
        var letters = new Pages(options.server()).all("/v1/dlq/" + bot + filter.query(), "messages");
        var table = new Table("MESSAGE", "METHOD", "CHAT", "FAILURE", "REASON", "ATTEMPTS", "SINCE");
        letters.forEach(letter -> table.row(List.of(
                letter.path("id").asString(),
                letter.path("method").asString("-"),
                letter.path("chat").asString(),
                letter.path("failure").asString("-"),
                Pages.lastReason(letter),
                letter.path("attempts").asString(),
                letter.path("until").asString("-"))));
        return options.shown(spec.commandLine().getOut(), letters.toString(), table);
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
            @Mixin MessageFilter filter,
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
            @Mixin MessageFilter filter,
            @Parameters(paramLabel = "MESSAGE|BOT", description = "A message's id, or a bot's for all that match.")
                    String which)
            throws InterruptedException {
        return change(options, filter, which, "purge", "purged");
    }

    private int change(ServerOptions options, MessageFilter filter, String which, String verb, String done)
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
        long changed = new Pages(server).changed("/v1/dlq/" + Pages.escaped(which) + "/" + verb, body);
        return said(options.json() ? "{\"changed\":" + changed + "}" : changed + " messages " + done);
    }

    private int said(String text) {
        return ServerOptions.said(spec.commandLine().getOut(), text);
    }
}
