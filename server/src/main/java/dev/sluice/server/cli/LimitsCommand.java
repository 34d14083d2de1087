package dev.sluice.server.cli;

import dev.sluice.limit.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The named limits of a running server, and those of bots at Telegram. */
@Command(
        name = "limits",
        description =
                "Shows, sets and removes named limits and bots' limits at Telegram, and forgets what was learned about these.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class LimitsCommand implements Runnable {
    private static final String PATH = "/v1/limits";
    private static final String NAME = "NAME";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(
            name = "show",
            description =
                    "Shows all named limits; one, and what is used of it; or a bot's limits at Telegram, and what is parked.",
            mixinStandardHelpOptions = true)
    int show(
            @Mixin ServerOptions options,
            @Option(names = "--subject", paramLabel = "TEXT", description = "Whose use; of no subject unless given.")
                    @Nullable String subject,
            @Option(names = "--bot", paramLabel = "BOT", description = "The bot whose limits at Telegram are shown.")
                    @Nullable Long bot,
            @Option(
                            names = "--chat",
                            paramLabel = "CHAT",
                            description = "One of its chats, whose limits are shown, too.")
                    @Nullable String chat,
            @Parameters(arity = "0..1", paramLabel = NAME, description = "The limit's name.") @Nullable String name)
            throws InterruptedException {
        if (bot != null && (name != null || subject != null)) {
            throw wrong("show", "--bot shows no named limit");
        } else if (bot == null && chat != null) {
            throw wrong("show", "--chat needs --bot");
        } else if (name == null && subject != null) {
            throw wrong("show", "--subject needs the name of a limit");
        }
        if (bot != null) {
            return ofBot(options, bot, Optional.ofNullable(chat));
        }
        return name == null ? all(options) : one(options, name, Optional.ofNullable(subject));
    }

    private ParameterException wrong(String command, String why) {
        return new ParameterException(spec.subcommands().get(command), why);
    }

    private int one(ServerOptions options, String name, Optional<String> subject) throws InterruptedException {
        var query = subject.map(text -> "?subject=" + Pages.escaped(text)).orElse("");
        var answer = options.server().get(path(name) + query);
        var table = new Table("NAME", "LIMIT", "WINDOW", "BURST", "MODE", "USED", "REMAINING", "RESET (sec)");
        var cells = new ArrayList<>(cells(answer.json()));
        cells.addAll(use(answer.json()));
        table.row(cells);
        return options.shown(spec.commandLine().getOut(), answer.text(), table);
    }

    private int ofBot(ServerOptions options, long bot, Optional<String> chat) throws InterruptedException {
        var query = chat.map(text -> "?chat=" + Pages.escaped(text)).orElse("");
        var answer = options.server().get(ofBot(bot) + query);
        JsonNode holds = answer.json().path("holds");
        String mode = holds.path("shadow").path("on").asBoolean() ? "shadow" : "enforced";
        var table = new Table(
                "SCOPE",
                "LIMIT",
                "WINDOW",
                "USED",
                "REMAINING",
                "RESET (sec)",
                "PARKED (sec)",
                "WAITING",
                "LEARNED",
                "FROM",
                "MODE");
        for (JsonNode limit : answer.json().path("limits")) {
            var cells = new ArrayList<>(List.of(
                    limit.path("scope").asString(),
                    limit.path("limit").asString(),
                    Span.show(limit.path("window_ms").asLong())));
            cells.addAll(use(limit));
            cells.add(seconds(limit.path("parked_ms")));
            cells.add(limit.path("waiting").asString());
            cells.add(learned(limit.path("learned")));
            cells.add(holds.path(limit.path("scope").asString()).path("from").asString());
            cells.add(mode);
            table.row(cells);
        }
        return options.shown(spec.commandLine().getOut(), answer.text(), table);
    }

    /** The pace that Telegram's 429 taught, and for how long there has been one. */
    private static String learned(JsonNode pace) {
        return pace.isObject()
                ? pace.path("per_second").asString() + "/s, " + seconds(pace.path("since_ms")) + " s"
                : "-";
    }

    @Command(
            name = "reset",
            description = "Forgets the slower pace that Telegram's 429 taught about a bot or one of its chats.",
            mixinStandardHelpOptions = true)
    int reset(
            @Mixin ServerOptions options,
            @Option(names = "--bot", paramLabel = "BOT", required = true, description = "The bot.") long bot,
            @Option(
                            names = "--chat",
                            paramLabel = "CHAT",
                            description = "The chat whose pace is forgotten, instead of that of the whole bot.")
                    @Nullable String chat)
            throws InterruptedException {
        var query = Optional.ofNullable(chat)
                .map(text -> "?chat=" + Pages.escaped(text))
                .orElse("");
        var answer = options.server().delete("/v1/bots/" + bot + "/limits/learned" + query);
        var scopes = new ArrayList<String>();
        answer.json().path("forgotten").forEach(scope -> scopes.add(scope.asString()));
        return ServerOptions.said(
                spec.commandLine().getOut(),
                options.json()
                        ? answer.json().toString()
                        : "forgotten: " + (scopes.isEmpty() ? "-" : String.join(", ", scopes)));
    }

    private static List<String> use(JsonNode limit) {
        return List.of(
                limit.path("used").asString(), limit.path("remaining").asString(), seconds(limit.path("resets_in_ms")));
    }

    private static String seconds(JsonNode millis) {
        return Long.toString(Math.ceilDiv(millis.asLong(), 1_000));
    }

    private int all(ServerOptions options) throws InterruptedException {
        var limits = new Pages(options.server()).all(PATH + "?limit=200", "limits");
        return options.shown(spec.commandLine().getOut(), limits.toString(), table(limits));
    }

    @Command(
            name = "set",
            description =
                    "Says what a named limit is from now on, on every replica at once; or sets limits of a bot at Telegram,"
                            + " of which only those change that are given.",
            mixinStandardHelpOptions = true)
    int set(
            @Mixin ServerOptions options,
            @Option(names = "--limit", paramLabel = "N", description = "How many pass within a window.") @Nullable Long limit,
            @Option(
                            names = "--per",
                            paramLabel = "TIME",
                            converter = Span.class,
                            description = "The window: seconds, or 500ms, 30s, 5m, 1h, 1d.")
                    @Nullable Duration per,
            @Option(
                            names = "--burst",
                            paramLabel = "N",
                            description = "Makes it smooth: evenly spaced, and so many at once after a rest.")
                    @Nullable Long burst,
            @Option(names = "--shadow", description = "It only counts whom it would deny.") boolean shadow,
            @Mixin BotLimitOptions ofBot,
            @Parameters(
                            arity = "0..1",
                            paramLabel = NAME,
                            description = "The limit's name: 1 to 32 of a-z, 0-9, _ and -.")
                    @Nullable String name)
            throws InterruptedException {
        var limits = limitsOfBot(ofBot);
        if (ofBot.bot != null) {
            if (name != null || limit != null || per != null || burst != null) {
                throw wrong(
                        "set",
                        "--bot goes with --global, --chat, --group, --paid, --user, --replies, --shadow or --enforce");
            }
            return setOfBot(options, ofBot.bot, limits, shadow, ofBot.enforce);
        }
        if (name == null || limit == null || per == null) {
            throw wrong("set", "a named limit needs its NAME, --limit and --per; a bot's needs --bot");
        } else if (!limits.isEmpty() || ofBot.enforce) {
            throw wrong("set", "--global, --chat, --group, --paid, --user, --replies and --enforce need --bot");
        }
        var body = JsonMapper.shared()
                .createObjectNode()
                .put("limit", limit)
                .put("window_ms", per.toMillis())
                .put("shadow", shadow);
        if (burst != null) {
            body.put("burst", burst);
        }
        var answer = options.server().send("PUT", path(name), body);
        return options.shown(spec.commandLine().getOut(), answer.text(), table(List.of(answer.json())));
    }

    private ObjectNode limitsOfBot(BotLimitOptions given) {
        try {
            return given.limits();
        } catch (TypeConversionException e) {
            throw wrong("set", String.valueOf(e.getMessage()));
        }
    }

    private int setOfBot(ServerOptions options, long bot, ObjectNode limits, boolean shadow, boolean enforce)
            throws InterruptedException {
        if (shadow && enforce) {
            throw wrong("set", "--shadow and --enforce exclude each other");
        }
        if (shadow || enforce) {
            limits.put("shadow", shadow);
        }
        if (limits.isEmpty()) {
            throw wrong("set", "nothing is given that is to be set");
        }
        var answer = options.server().send("PATCH", ofBot(bot), limits);
        return options.shown(
                spec.commandLine().getOut(),
                answer.text(),
                BotLimitOptions.table(answer.json().path("holds")));
    }

    @Command(
            name = "unset",
            description = "Lets all limits of a bot at Telegram be as the settings say.",
            mixinStandardHelpOptions = true)
    int unset(
            @Mixin ServerOptions options,
            @Option(names = "--bot", paramLabel = "BOT", required = true, description = "The bot.") long bot)
            throws InterruptedException {
        var answer = options.server().delete(ofBot(bot));
        return options.shown(
                spec.commandLine().getOut(),
                answer.text(),
                BotLimitOptions.table(answer.json().path("holds")));
    }

    private static String ofBot(long bot) {
        return "/v1/bots/" + bot + "/limits";
    }

    @Command(name = "remove", description = "Removes a limit.", mixinStandardHelpOptions = true)
    int remove(
            @Mixin ServerOptions options, @Parameters(paramLabel = NAME, description = "The limit's name.") String name)
            throws InterruptedException {
        options.server().delete(path(name));
        return ServerOptions.said(
                spec.commandLine().getOut(),
                options.json()
                        ? JsonMapper.shared()
                                .createObjectNode()
                                .put("removed", name)
                                .toString()
                        : "removed: " + name);
    }

    private static String path(String name) {
        return PATH + "/" + Pages.escaped(name);
    }

    private static Table table(Iterable<JsonNode> limits) {
        var table = new Table("NAME", "LIMIT", "WINDOW", "BURST", "MODE");
        limits.forEach(limit -> table.row(cells(limit)));
        return table;
    }

    private static List<String> cells(JsonNode limit) {
        return List.of(
                limit.path("name").asString(),
                limit.path("limit").asString(),
                Span.show(limit.path("window_ms").asLong()),
                limit.path("burst").isNull() ? "-" : limit.path("burst").asString(),
                limit.path("shadow").asBoolean() ? "shadow" : "enforced");
    }

    /** A length of time as people write it. */
    static final class Span implements ITypeConverter<Duration> {
        private static final Pattern FORM = Pattern.compile("([0-9]{1,12})(ms|s|m|h|d)?");

        @Override
        public Duration convert(String text) {
            Matcher form = FORM.matcher(text);
            if (!form.matches()) {
                throw new TypeConversionException(
                        "'" + text + "' is no length of time: seconds, or 500ms, 30s, 5m, 1h, 1d");
            }
            long number = Long.parseLong(form.group(1));
            String unit = form.group(2) == null ? "s" : form.group(2);
            Duration span = span(number, unit);
            if (!span.isPositive() || span.compareTo(Limit.LONGEST_SPAN) > 0) {
                throw new TypeConversionException(
                        "'" + text + "' must be 1ms to " + show(Limit.LONGEST_SPAN.toMillis()));
            }
            return span;
        }

        private static Duration span(long number, String unit) {
            return switch (unit) {
                case "ms" -> Duration.ofMillis(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                case "d" -> Duration.ofDays(number);
                default -> Duration.ofSeconds(number);
            };
        }

        /** In the largest unit that has no remainder. */
        static String show(long millis) {
            String[] units = {"d", "h", "m", "s"};
            long[] lengths = {86_400_000, 3_600_000, 60_000, 1_000};
            for (int i = 0; i < units.length; i++) {
                if (millis % lengths[i] == 0) {
                    return millis / lengths[i] + units[i];
                }
            }
            return millis + "ms";
        }
    }
}
