package dev.sluice.server.cli;

import dev.sluice.SluiceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Broadcasts of a running server: one call to many chats. */
@Command(
        name = "broadcast",
        description = {
            "Sends one call to many chats, and shows how far it is.",
            "",
            "Recipients are lines of a file or of standard input (-): a chat's id, or an object with chat_id and parameters",
            "that this chat gets in place of the template's."
        },
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class BroadcastCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServerOptions own = new ServerOptions();

    @Mixin
    private Message message = new Message();

    // Not required, since then subcommands would need them, too.
    @Option(
            names = "--recipients",
            paramLabel = "FILE",
            description = "A file with a recipient in each line; - for standard input.")
    private @Nullable String recipients;

    @Option(names = "--detach", description = "Does not wait for its end.")
    private boolean detach;

    @Parameters(arity = "0..1", paramLabel = "BOT", description = "The id of the bot that sends.")
    private @Nullable Long bot;

    /** What every recipient is sent. */
    static final class Message {
        @Option(names = "--method", paramLabel = "METHOD", description = "What to call (default: sendMessage).")
        private String method = "sendMessage";

        @Option(names = "--text", paramLabel = "TEXT", description = "The parameter text.")
        private @Nullable String text;

        @Option(names = "--params", paramLabel = "JSON", description = "Parameters, as a JSON object.")
        private @Nullable String params;

        @Option(names = "--priority", paramLabel = "PRIORITY", description = "high, normal or low (default: low).")
        private @Nullable String priority;

        @Option(
                names = "--paid",
                description = "Sets allow_paid_broadcast: up to 1000 a second, which Telegram charges for.")
        private boolean paid;

        @Option(names = "--everybody", description = "Also to chats that could not be reached lately.")
        private boolean everybody;

        @Option(names = "--key", paramLabel = "KEY", description = "Starts it once, however often it is asked for.")
        private @Nullable String key;

        /** As the first line of an upload. */
        JsonNode template(CommandSpec spec) {
            var template = JsonMapper.shared().createObjectNode();
            template.put("method", method);
            ObjectNode given = parameters(spec);
            Optional.ofNullable(text).ifPresent(value -> given.put("text", value));
            if (paid) {
                given.put("allow_paid_broadcast", true);
            }
            template.set("params", given);
            Optional.ofNullable(priority).ifPresent(value -> template.put("priority", value));
            if (everybody) {
                template.put("everybody", true);
            }
            Optional.ofNullable(key).ifPresent(value -> template.put("idempotency_key", value));
            return template;
        }

        private ObjectNode parameters(CommandSpec spec) {
            if (params == null) {
                return JsonMapper.shared().createObjectNode();
            }
            try {
                if (JsonMapper.shared().readTree(params) instanceof ObjectNode object) {
                    return object;
                }
            } catch (JacksonException e) {
                // said below, without what was there
            }
            throw new ParameterException(spec.commandLine(), "--params must be a JSON object");
        }
    }

    /** Starts one, and unless told otherwise shows its progress until it has ended. */
    @Override
    public Integer call() throws InterruptedException {
        if (bot == null && recipients == null) {
            spec.commandLine().usage(spec.commandLine().getOut());
            return SluiceCommand.done();
        }
        if (bot == null || recipients == null) {
            throw new ParameterException(spec.commandLine(), "a bot and --recipients are needed to start one");
        }
        var started = upload(message.template(spec), recipients, bot);
        var id = started.json().path("id").asString();
        if (detach) {
            return said(
                    started.text(),
                    "broadcast " + id + " to " + started.json().path("accepted").asString() + " recipients: "
                            + started.json().path("outcome").asString());
        }
        return watched(own, id);
    }

    private AdminClient.Answer upload(JsonNode template, String file, long to) throws InterruptedException {
        try (InputStream in = open(file)) {
            return own.server().upload("/v1/bots/" + to + "/broadcasts", template.toString(), in);
        } catch (NoSuchFileException e) {
            throw new SluiceException("there is no file " + file, e);
        } catch (IOException e) {
            throw new SluiceException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private InputStream open(String file) throws IOException {
        return file.equals("-") ? Surroundings.of(spec).in() : Files.newInputStream(Path.of(file));
    }

    @Command(
            name = "list",
            description = "Lists a bot's broadcasts, the newest first.",
            mixinStandardHelpOptions = true)
    int list(@Mixin ServerOptions options, @Parameters(paramLabel = "BOT", description = "The bot's id.") long bot)
            throws InterruptedException {
        var found = new Pages(options.server()).all("/v1/bots/" + bot + "/broadcasts?limit=200", "broadcasts");
        var table = table();
        found.forEach(broadcast -> table.row(row(broadcast)));
        return shown(options, found.toString(), table);
    }

    @Command(name = "show", description = "Shows how a broadcast stands.", mixinStandardHelpOptions = true)
    int show(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "BROADCAST", description = "The broadcast's id.") String id)
            throws InterruptedException {
        return one(options, options.server().get(path(id)));
    }

    @Command(name = "watch", description = "Shows its progress until it has ended.", mixinStandardHelpOptions = true)
    int watch(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "BROADCAST", description = "The broadcast's id.") String id)
            throws InterruptedException {
        return watched(options, id);
    }

    @Command(
            name = "pause",
            description = "Takes back what is queued; nothing more is sent until it is resumed.",
            mixinStandardHelpOptions = true)
    int pause(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "BROADCAST", description = "The broadcast's id.") String id)
            throws InterruptedException {
        return one(options, options.server().post(path(id) + "/pause"));
    }

    @Command(name = "resume", description = "Lets a paused broadcast go on.", mixinStandardHelpOptions = true)
    int resume(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "BROADCAST", description = "The broadcast's id.") String id)
            throws InterruptedException {
        return one(options, options.server().post(path(id) + "/resume"));
    }

    @Command(
            name = "cancel",
            description = "Takes back what is queued; nothing more is sent.",
            mixinStandardHelpOptions = true)
    int cancel(
            @Mixin ServerOptions options,
            @Parameters(paramLabel = "BROADCAST", description = "The broadcast's id.") String id)
            throws InterruptedException {
        return one(options, options.server().post(path(id) + "/cancel"));
    }

    @Command(name = "results", description = "Lists what became of its recipients.", mixinStandardHelpOptions = true)
    int results(
            @Mixin ServerOptions options,
            @Option(names = "--outcome", paramLabel = "OUTCOME", description = "Only those that came to this.")
                    @Nullable String outcome,
            @Parameters(paramLabel = "BROADCAST", description = "The broadcast's id.") String id)
            throws InterruptedException {
        var filter = outcome == null ? "" : "&outcome=" + Pages.escaped(outcome);
        var out = spec.commandLine().getOut();
        // Millions of them: each page is printed as it comes, a line each.
        new Pages(options.server()).each(path(id) + "/results?limit=200" + filter, "results", result -> {
            out.println(
                    options.json()
                            ? result.toString()
                            : result.path("chat_id").asString("-") + "\t"
                                    + result.path("outcome").asString());
        });
        out.flush();
        return SluiceCommand.done();
    }

    private static String path(String id) {
        return "/v1/broadcasts/" + Pages.escaped(id);
    }

    private int watched(ServerOptions options, String id) throws InterruptedException {
        boolean terminal = Surroundings.of(spec).terminal().isPresent();
        return new Watch(options.server(), spec.commandLine().getOut(), options.json(), terminal).untilEnded(id);
    }

    private int one(ServerOptions options, AdminClient.Answer answer) {
        var table = table();
        table.row(row(answer.json()));
        return shown(options, answer.text(), table);
    }

    private static Table table() {
        return new Table(
                "BROADCAST",
                "STATUS",
                "ACCEPTED",
                "SENT",
                "FAILED",
                "SUPPRESSED",
                "UNKNOWN",
                "PENDING",
                "PER SECOND",
                "EXPECTED END");
    }

    private static List<String> row(JsonNode broadcast) {
        return List.of(
                broadcast.path("id").asString(),
                Watch.status(broadcast),
                broadcast.path("accepted").asString(),
                broadcast.path("sent").asString(),
                Integer.toString(Watch.failed(broadcast)),
                broadcast.path("suppressed").asString(),
                broadcast.path("unknown").asString(),
                broadcast.path("pending").asString(),
                broadcast.path("rate").asString(),
                broadcast.path("expected_end").asString("-"));
    }

    private int shown(ServerOptions options, String json, Table table) {
        return options.shown(spec.commandLine().getOut(), json, table);
    }

    private int said(String json, String words) {
        var out = spec.commandLine().getOut();
        out.println(own.json() ? json.strip() : words);
        out.flush();
        return SluiceCommand.done();
    }
}
