package dev.sluice.server.cli;

import dev.sluice.server.bots.LimitScope;
import dev.sluice.server.bots.LimitText;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What is to be set of a bot's limits at Telegram. */
final class BotLimitOptions {
    private static final String SETTINGS = "settings";

    @Option(names = "--bot", paramLabel = "BOT", description = "The bot whose limits at Telegram are set.")
    @Nullable Long bot;

    @Option(
            names = "--global",
            paramLabel = "N/TIME",
            description =
                    "With --bot: over all its chats, such as 25/1s; settings, here as below: as the settings say.")
    private @Nullable String global;

    @Option(names = "--chat", paramLabel = "N/TIME", description = "With --bot: per chat.")
    private @Nullable String chat;

    @Option(names = "--group", paramLabel = "N/TIME", description = "With --bot: per group or channel.")
    private @Nullable String group;

    @Option(names = "--paid", paramLabel = "N/TIME", description = "With --bot: over all chats, for paid broadcasts.")
    private @Nullable String paid;

    @Option(names = "--user", paramLabel = "N/TIME|off", description = "With --bot: per user.")
    private @Nullable String user;

    @Option(
            names = "--replies",
            paramLabel = "N/TIME|off",
            description = "With --bot: over all chats, for replies, which then do not count against --global.")
    private @Nullable String replies;

    @Option(names = "--enforce", description = "With --bot: ends shadow mode.")
    boolean enforce;

    /**
     * What was given, as the admin API takes it; empty if nothing was.
     *
     * @throws TypeConversionException if a limit is none
     */
    ObjectNode limits() {
        ObjectNode limits = JsonMapper.shared().createObjectNode();
        put(limits, LimitScope.BOT, "--global", global);
        put(limits, LimitScope.CHAT, "--chat", chat);
        put(limits, LimitScope.GROUP, "--group", group);
        put(limits, LimitScope.PAID, "--paid", paid);
        put(limits, LimitScope.USER, "--user", user);
        put(limits, LimitScope.REPLIES, "--replies", replies);
        return limits;
    }

    private static void put(ObjectNode limits, LimitScope scope, String option, @Nullable String given) {
        if (given == null) {
            return;
        } else if (given.equals(SETTINGS)) {
            limits.putNull(scope.toString());
        } else if (LimitText.parse(given).isPresent() || scope.isOptional() && given.equals(LimitText.OFF)) {
            limits.put(scope.toString(), given);
        } else {
            throw new TypeConversionException(option + " is '" + given + "'; accepted: " + LimitText.ACCEPTED + ", "
                    + (scope.isOptional() ? "off, " : "") + "or settings");
        }
    }

    /** What holds, as a table. */
    static Table table(JsonNode holds) {
        var table = new Table("SCOPE", "LIMIT", "FROM");
        for (LimitScope scope : LimitScope.values()) {
            JsonNode limit = holds.path(scope.toString());
            table.row(List.of(
                    scope.toString(),
                    limit.path("limit").asString(),
                    limit.path("from").asString()));
        }
        JsonNode shadow = holds.path("shadow");
        table.row(List.of(
                "shadow",
                shadow.path("on").asBoolean() ? "on" : "off",
                shadow.path("from").asString()));
        return table;
    }
}
