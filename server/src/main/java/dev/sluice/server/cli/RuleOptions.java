package dev.sluice.server.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What is to hold for a bot, where it is to differ from the settings. */
final class RuleOptions {
    private static final String SETTINGS = "settings";
    private static final String NONE = "none";

    @Option(
            names = "--skip-limits",
            paramLabel = "true|false|settings",
            description = "Whether its calls may skip Sluice's own limits; settings: as SLUICE_SKIP_LIMITS says.")
    private @Nullable String skipLimits;

    @Option(
            names = "--dedupe-content",
            paramLabel = "METHODS",
            description = "Methods for which equal content is one message, separated by commas; * for all, none,"
                    + " or settings: as SLUICE_DEDUPE_CONTENT says.")
    private @Nullable String dedupeContent;

    @Option(
            names = "--overflow",
            paramLabel = "RULES",
            description =
                    "What becomes of calls whose turn does not come in time: wait, queue or async for all, or METHOD=... separated"
                            + " by commas, * for all others; settings: nothing of its own.")
    private @Nullable String overflow;

    @Option(
            names = "--priorities",
            paramLabel = "RULES",
            description =
                    "How urgent calls are: CONDITION[+CONDITION]=high|normal|low, separated by commas; the first that matches"
                            + " decides. A condition is reply, silent, skip-limits, private, group or a method. none, or settings: the"
                            + " usual ones.")
    private @Nullable String priorities;

    @Option(
            names = "--join-texts",
            paramLabel = "true|false|settings",
            description = "Whether consecutive short texts may be sent as one message where many wait.")
    private @Nullable String joinTexts;

    /** What was given, as the admin API takes it; empty if nothing was. */
    ObjectNode rules() {
        ObjectNode rules = JsonMapper.shared().createObjectNode();
        flag(rules, "skip_limits", "--skip-limits", skipLimits);
        flag(rules, "join_texts", "--join-texts", joinTexts);
        if (SETTINGS.equals(dedupeContent)) {
            rules.putNull("dedupe_content");
        } else if (dedupeContent != null) {
            var names = rules.putArray("dedupe_content");
            (NONE.equals(dedupeContent) ? List.<String>of() : List.of(dedupeContent.split(",", -1)))
                    .forEach(names::add);
        }
        if (overflow != null) {
            overflow(rules, overflow);
        }
        if (priorities != null) {
            priorities(rules, priorities);
        }
        return rules;
    }

    private static void flag(ObjectNode rules, String name, String option, @Nullable String given) {
        switch (given) {
            case null -> {}
            case "true" -> rules.put(name, true);
            case "false" -> rules.put(name, false);
            case SETTINGS -> rules.putNull(name);
            default -> throw new TypeConversionException(option + " is true, false or settings");
        }
    }

    private static void overflow(ObjectNode rules, String text) {
        if (text.equals(SETTINGS)) {
            rules.putNull("overflow");
            return;
        }
        ObjectNode byMethod = rules.putObject("overflow");
        for (String part : text.split(",", -1)) {
            int equals = part.indexOf('=');
            byMethod.put(
                    equals < 0 ? "*" : part.substring(0, equals).strip(),
                    part.substring(equals + 1).strip());
        }
    }

    private static void priorities(ObjectNode rules, String text) {
        if (text.equals(SETTINGS)) {
            rules.putNull("priorities");
            return;
        }
        ArrayNode list = rules.putArray("priorities");
        for (String part : text.equals(NONE) ? new String[0] : text.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 1) {
                throw new TypeConversionException(
                        "--priorities is CONDITION=PRIORITY, such as reply=high,sendPoll+group=low");
            }
            ObjectNode rule = list.addObject();
            for (String condition : part.substring(0, equals).split("\\+", -1)) {
                switch (condition.strip()) {
                    case "reply", "silent" -> rule.put(condition.strip(), true);
                    case "skip-limits" -> rule.put("skip_limits", true);
                    case "private", "group" -> rule.put("chat", condition.strip());
                    default -> rule.withArrayProperty("methods").add(condition.strip());
                }
            }
            rule.put("priority", part.substring(equals + 1).strip());
        }
    }
}
