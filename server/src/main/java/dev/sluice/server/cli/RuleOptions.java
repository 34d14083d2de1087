package dev.sluice.server.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.json.JsonMapper;
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

    /** What was given, as the admin API takes it; empty if nothing was. */
    ObjectNode rules() {
        ObjectNode rules = JsonMapper.shared().createObjectNode();
        if (skipLimits != null) {
            switch (skipLimits) {
                case "true" -> rules.put("skip_limits", true);
                case "false" -> rules.put("skip_limits", false);
                case SETTINGS -> rules.putNull("skip_limits");
                default -> throw new TypeConversionException("--skip-limits is true, false or settings");
            }
        }
        if (SETTINGS.equals(dedupeContent)) {
            rules.putNull("dedupe_content");
        } else if (dedupeContent != null) {
            var names = rules.putArray("dedupe_content");
            (NONE.equals(dedupeContent) ? List.<String>of() : List.of(dedupeContent.split(",", -1)))
                    .forEach(names::add);
        }
        return rules;
    }
}
