package dev.sluice.server.cli;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The queues of a running server. */
@Command(
        name = "queue",
        description =
                "Shows the queues of a running server, pauses and resumes them, takes them out and puts them back.",
        subcommands = {QueueExportCommand.class, QueueImportCommand.class},
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class QueueCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** What is to be paused or resumed. */
    static final class Scope {
        @Option(names = "--chat", paramLabel = "CHAT", description = "Only this chat.")
        private @Nullable String chat;

        @Option(names = "--priority", paramLabel = "PRIORITY", description = "Only high, normal or low messages.")
        private @Nullable String priority;

        ObjectNode body() {
            var body = JsonMapper.shared().createObjectNode();
            Optional.ofNullable(chat).ifPresent(id -> body.put("chat", id));
            Optional.ofNullable(priority).ifPresent(name -> body.put("priority", name));
            return body;
        }

        /** Empty if it is the whole queue. */
        String words() {
            return (chat == null ? "" : ", chat " + chat) + (priority == null ? "" : ", priority " + priority);
        }
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "stats", description = "Shows all queues together.", mixinStandardHelpOptions = true)
    int stats(@Mixin ServerOptions options) throws InterruptedException {
        var answer = options.server().get("/queue/stats");
        var stats = answer.json().path("stats");
        var table = new Table("HIGH", "NORMAL", "LOW", "RETRY", "DEAD", "UNKNOWN", "DELAYED", "PAUSED BOTS");
        table.row(List.of(
                stats.path("high").asString(),
                stats.path("normal").asString(),
                stats.path("low").asString(),
                stats.path("retry").asString(),
                stats.path("dlq").asString(),
                answer.json().path("unknown").asString(),
                answer.json().path("delayed").asString(),
                answer.json().path("paused").asString()));
        return shown(options, answer.text(), table);
    }

    @Command(name = "list", description = "Lists the queues of the bots.", mixinStandardHelpOptions = true)
    int list(@Mixin ServerOptions options) throws InterruptedException {
        var queues = new Pages(options.server()).all("/v1/queue?limit=200", "queues");
        var table = new Table("BOT", "PENDING", "LEASED", "RETRYING", "DELAYED", "SENT", "DEAD", "UNKNOWN", "PAUSED");
        queues.forEach(queue -> table.row(List.of(
                queue.path("bot").asString(),
                queue.path("pending").asString(),
                queue.path("leased").asString(),
                queue.path("retrying").asString(),
                queue.path("delayed").asString(),
                queue.path("sent").asString(),
                queue.path("dead").asString(),
                queue.path("unknown").asString(),
                queue.path("paused").asBoolean() ? "yes" : "-")));
        return shown(options, queues.toString(), table);
    }

    @Command(
            name = "why",
            description = "Says what holds a message, and for how long.",
            mixinStandardHelpOptions = true)
    int why(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "MESSAGE", description = "The message's id.") String message)
            throws InterruptedException {
        var answer = options.server().get("/v1/messages/" + Pages.escaped(message) + "/why");
        var why = answer.json();
        var table = new Table("STATE", "HELD BY", "SCOPE", "FOR (MS)", "AHEAD");
        table.row(List.of(
                why.path("state").asString(),
                why.path("hold").asString(),
                why.path("scope").asString("-"),
                why.path("remaining_ms").asString("-"),
                why.path("ahead").asString()));
        return shown(options, answer.text(), table);
    }

    @Command(
            name = "pause",
            description = "Lets nothing of a bot's be sent until it is resumed.",
            mixinStandardHelpOptions = true)
    int pause(
            @Mixin ServerOptions options,
            @Mixin Scope scope,
            @Parameters(paramLabel = "BOT", description = "The bot's id.") long bot)
            throws InterruptedException {
        options.server().send("POST", "/v1/queue/" + bot + "/pause", scope.body());
        return said(options, "paused", bot, scope);
    }

    @Command(name = "resume", description = "Ends a pause of the same scope.", mixinStandardHelpOptions = true)
    int resume(
            @Mixin ServerOptions options,
            @Mixin Scope scope,
            @Parameters(paramLabel = "BOT", description = "The bot's id.") long bot)
            throws InterruptedException {
        options.server().send("POST", "/v1/queue/" + bot + "/resume", scope.body());
        return said(options, "resumed", bot, scope);
    }

    private int said(ServerOptions options, String what, long bot, Scope scope) {
        return ServerOptions.said(
                spec.commandLine().getOut(),
                options.json()
                        ? JsonMapper.shared()
                                .createObjectNode()
                                .put(what, bot)
                                .setAll(scope.body())
                                .toString()
                        : "queue of bot " + bot + scope.words() + " " + what);
    }

    private int shown(ServerOptions options, String json, Table table) {
        return options.shown(spec.commandLine().getOut(), json, table);
    }
}
