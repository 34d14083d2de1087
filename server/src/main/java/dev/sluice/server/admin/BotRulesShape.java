package dev.sluice.server.admin;

import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.MapOf;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.bots.PriorityRules;
import java.util.ArrayList;
import java.util.List;

/** What a bot's rules look like: as they hold, and as they are changed. {@code RulesJson} reads and writes them. */
final class BotRulesShape {
    private static final Text METHOD = Text.matching("\\*|[A-Za-z][A-Za-z0-9_]{0,63}");
    private static final int MOST_METHODS = 200;
    private static final Shape METHODS = new ListOf(METHOD, MOST_METHODS);
    private static final Shape OVERFLOWS = Text.matching("wait|queue|async");
    private static final Shape PRIORITIES = new ListOf(
            Fields.of(
                    Field.optional("methods", METHODS, "Only calls of these."),
                    Field.optional("reply", new Flag(), "Only those that answer a message, or only the others."),
                    Field.optional("silent", new Flag(), "Only those with disable_notification, or only the others."),
                    Field.optional("skip_limits", new Flag(), "Only those that skip Sluice's limits, or the others."),
                    Field.optional("chat", Text.matching("private|group"), "Only to users, or to groups and channels."),
                    Field.required("priority", Text.matching("high|normal|low"), "What they are, then.")),
            PriorityRules.MOST);

    private record Rule(String name, Shape shown, Shape change, String description) {
        Rule(String name, Shape shape, String description) {
            this(name, shape, shape, description);
        }
    }

    private static final List<Rule> RULES = List.of(
            new Rule("skip_limits", new Flag(), "Whether its calls may ask to skip Sluice's own limits."),
            new Rule(
                    "dedupe_content",
                    METHODS,
                    "Methods for which equal content is one message where the call does not say; * for all."),
            new Rule(
                    "overflow",
                    new MapOf(METHOD, OVERFLOWS, MOST_METHODS),
                    new MapOf(METHOD, new OrNull(OVERFLOWS), MOST_METHODS),
                    "By method, * for all others: wait (429 if its turn does not come in time), queue (queued then), or async"
                            + " (queued at once)."),
            new Rule(
                    "priorities",
                    PRIORITIES,
                    "How urgent a call is that does not say so: the first that matches decides, else it is normal."),
            new Rule(
                    "join_texts",
                    new Flag(),
                    "Whether consecutive plain, short texts may be sent as one message where many wait in a chat."));

    /** As they hold. */
    static final Shape SHOWN = new Named("BotRules", fields(false));

    /** As they are changed. */
    static final Shape CHANGE = new Named("BotRulesChange", fields(true));

    private BotRulesShape() {}

    private static Fields fields(boolean change) {
        var fields = new ArrayList<Field>();
        for (Rule rule : RULES) {
            fields.add(
                    change
                            ? Field.optional(
                                    rule.name,
                                    new OrNull(rule.change),
                                    rule.description + " null: as the settings say.")
                            : Field.required(rule.name, rule.shown, rule.description));
        }
        return new Fields(fields);
    }
}
