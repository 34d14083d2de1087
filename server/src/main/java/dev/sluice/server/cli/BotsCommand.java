package dev.sluice.server.cli;

import dev.sluice.telegram.BotToken;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** The registered bots of a running server. */
@Command(
        name = "bots",
        description = "Adds, lists, changes and removes the bots that a running server knows.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class BotsCommand implements Runnable {
    private static final String PATH = "/v1/bots";
    private static final int PAGE = 200;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(
            name = "add",
            description = "Registers a bot, once Telegram has confirmed its token.",
            mixinStandardHelpOptions = true)
    int add(
            @Mixin ServerOptions options,
            @Mixin TokenInput input,
            @Mixin RuleOptions rules,
            @Parameters(arity = "0..1", hidden = true) @Nullable String argument)
            throws InterruptedException {
        refuse("add", argument);
        var body = JsonMapper.shared().createObjectNode();
        body.set("rules", rules(rules));
        var server = options.server();
        body.put("token", input.read().reveal());
        return shown(options, "added", server.send("POST", PATH, body));
    }

    @Command(name = "list", description = "Lists the registered bots.", mixinStandardHelpOptions = true)
    int list(@Mixin ServerOptions options) throws InterruptedException {
        ArrayNode bots = JsonMapper.shared().createArrayNode();
        var server = options.server();
        var cursor = "";
        do {
            var page = server.get(PATH + "?limit=" + PAGE + cursor).json();
            page.path("bots").forEach(bots::add);
            cursor = page.path("next_cursor").isString()
                    ? "&cursor=" + URLEncoder.encode(page.path("next_cursor").asString(), StandardCharsets.UTF_8)
                    : "";
        } while (!cursor.isEmpty());
        if (options.json()) {
            print(bots.toString());
        } else {
            var table = new Table(
                    "BOT", "USERNAME", "SKIP LIMITS", "DEDUPE CONTENT", "OVERFLOW", "ADDED", "TOKEN SINCE", "TOKEN");
            bots.forEach(bot -> table.row(cells(bot)));
            table.print(spec.commandLine().getOut());
            spec.commandLine().getOut().flush();
        }
        return SluiceCommand.done();
    }

    @Command(
            name = "rotate",
            description = "Puts a bot's new token in the old one's place, once Telegram has confirmed it.",
            mixinStandardHelpOptions = true)
    int rotate(
            @Mixin ServerOptions options,
            @Mixin TokenInput input,
            @Parameters(arity = "0..1", hidden = true) @Nullable String argument)
            throws InterruptedException {
        refuse("rotate", argument);
        var server = options.server();
        BotToken token = input.read();
        var body = JsonMapper.shared().createObjectNode().put("token", token.reveal());
        return shown(options, "rotated", server.send("POST", PATH + "/" + token.bot() + "/rotate", body));
    }

    @Command(
            name = "set",
            description = "Changes a bot's rules; what is not given stays.",
            mixinStandardHelpOptions = true)
    int set(
            @Mixin ServerOptions options,
            @Mixin RuleOptions rules,
            @Parameters(paramLabel = "BOT", description = "The bot's id.") long bot)
            throws InterruptedException {
        var changes = rules(rules);
        if (changes.isEmpty()) {
            throw new ParameterException(
                    spec.subcommands().get("set"),
                    "nothing to change: give --skip-limits, --dedupe-content, --overflow, --priorities or"
                            + " --join-texts");
        }
        var body = JsonMapper.shared().createObjectNode();
        body.set("rules", changes);
        return shown(options, "changed", options.server().send("PATCH", PATH + "/" + bot, body));
    }

    @Command(name = "remove", description = "Removes a bot and its token.", mixinStandardHelpOptions = true)
    int remove(@Mixin ServerOptions options, @Parameters(paramLabel = "BOT", description = "The bot's id.") long bot)
            throws InterruptedException {
        options.server().delete(PATH + "/" + bot);
        print(options.json() ? "{\"removed\":" + bot + "}" : "bot " + bot + " removed");
        return SluiceCommand.done();
    }

    private JsonNode rules(RuleOptions options) {
        try {
            return options.rules();
        } catch (TypeConversionException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private void refuse(String command, @Nullable String argument) {
        if (argument != null) {
            throw new ParameterException(
                    spec.subcommands().get(command),
                    "a token is no argument: every user of the machine could see it, and the shell would remember it;"
                            + " pipe it in, or name its variable with --token-env");
        }
    }

    private int shown(ServerOptions options, String what, AdminClient.Answer answer) {
        var bot = answer.json();
        print(
                options.json()
                        ? answer.text().strip()
                        : "bot " + bot.path("id").asString() + " (@"
                                + bot.path("username").asString() + ") " + what);
        return SluiceCommand.done();
    }

    private void print(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }

    private static List<String> cells(JsonNode bot) {
        var methods = bot.at("/rules/dedupe_content")
                .valueStream()
                .map(JsonNode::asString)
                .toList();
        return List.of(
                bot.path("id").asString(),
                "@" + bot.path("username").asString(),
                bot.at("/rules/skip_limits").asBoolean() ? "may" : "-",
                methods.isEmpty() ? "-" : String.join(",", methods),
                overflow(bot.at("/rules/overflow")),
                seconds(bot.path("added")),
                seconds(bot.path("token_since")),
                bot.path("token_readable").asBoolean() ? "ok" : "unreadable: rotate it");
    }

    private static String overflow(JsonNode rules) {
        var shown = rules.propertyStream()
                .map(rule -> rule.getKey() + "=" + rule.getValue().asString())
                .collect(Collectors.joining(","));
        return shown.isEmpty() ? "-" : shown;
    }

    /** Nobody reads microseconds. */
    private static String seconds(JsonNode time) {
        return time.asString().replaceFirst("\\.\\d+Z$", "Z");
    }
}
