package dev.sluice.server.bots;

import dev.sluice.telegram.Priority;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Rules as JSON: in Redis as in the admin API. */
public final class RulesJson {
    private static final String SKIP_LIMITS = "skip_limits";
    private static final String DEDUPE_CONTENT = "dedupe_content";
    private static final String OVERFLOW = "overflow";
    private static final String PRIORITIES = "priorities";
    private static final String JOIN_TEXTS = "join_texts";

    private static final JsonMapper JSON = JsonMapper.shared();

    private RulesJson() {}

    /** What holds. */
    public static ObjectNode write(BotRules rules) {
        ObjectNode json = JSON.createObjectNode();
        write(
                json,
                new OwnRules(
                        Optional.of(rules.maySkipLimits()),
                        Optional.of(rules.dedupesByContent()),
                        Optional.of(rules.overflow()),
                        Optional.of(rules.priorities()),
                        Optional.of(rules.joinsTexts())));
        return json;
    }

    /** Adds what a registration decides. */
    static void write(ObjectNode json, OwnRules rules) {
        rules.skipLimits().ifPresent(may -> json.put(SKIP_LIMITS, may));
        rules.dedupeContent().ifPresent(methods -> {
            var names = json.putArray(DEDUPE_CONTENT);
            methods.sorted().forEach(names::add);
        });
        rules.overflow().ifPresent(overflow -> {
            var methods = json.putObject(OVERFLOW);
            overflow.byMethod().forEach((name, what) -> methods.put(name, what.toString()));
        });
        rules.priorities().ifPresent(priorities -> {
            var list = json.putArray(PRIORITIES);
            priorities.rules().forEach(rule -> list.add(write(rule)));
        });
        rules.joinTexts().ifPresent(joined -> json.put(JOIN_TEXTS, joined));
    }

    private static ObjectNode write(PriorityRule rule) {
        ObjectNode json = JSON.createObjectNode();
        if (!rule.methods().names().isEmpty()) {
            var names = json.putArray("methods");
            rule.methods().sorted().forEach(names::add);
        }
        rule.reply().ifPresent(is -> json.put("reply", is));
        rule.silent().ifPresent(is -> json.put("silent", is));
        rule.skipsLimits().ifPresent(is -> json.put(SKIP_LIMITS, is));
        rule.chat().ifPresent(chat -> json.put("chat", chat.toString()));
        return json.put("priority", rule.priority().toString());
    }

    /** Rules after a merge patch (RFC 7396): what is null decides nothing any more, what is not there stays. */
    public static OwnRules patched(OwnRules rules, JsonNode change) {
        var patched = rules;
        if (change.has(SKIP_LIMITS)) {
            patched = patched.withSkipLimits(present(change.path(SKIP_LIMITS)).map(JsonNode::asBoolean));
        }
        if (change.has(DEDUPE_CONTENT)) {
            patched = patched.withDedupeContent(
                    present(change.path(DEDUPE_CONTENT)).map(RulesJson::methods));
        }
        if (change.has(OVERFLOW)) {
            // Within it, too: a method that is null is named no more.
            var before = patched.overflow().map(OverflowRules::byMethod);
            patched = patched.withOverflow(
                    present(change.path(OVERFLOW)).map(json -> overflow(before.orElseGet(TreeMap::new), json)));
        }
        if (change.has(PRIORITIES)) {
            patched = patched.withPriorities(present(change.path(PRIORITIES)).map(RulesJson::priorities));
        }
        if (change.has(JOIN_TEXTS)) {
            patched = patched.withJoinTexts(present(change.path(JOIN_TEXTS)).map(JsonNode::asBoolean));
        }
        return patched;
    }

    private static Optional<JsonNode> present(JsonNode node) {
        return node.isNull() ? Optional.empty() : Optional.of(node);
    }

    private static MethodSet methods(JsonNode names) {
        return MethodSet.of(names.valueStream().map(name -> name.asString("")).toList());
    }

    private static OverflowRules overflow(Map<String, Overflow> before, JsonNode change) {
        var byMethod = new TreeMap<String, Overflow>(String.CASE_INSENSITIVE_ORDER);
        byMethod.putAll(before);
        change.properties().forEach(entry -> {
            Optional<Overflow> overflow = Overflow.parse(entry.getValue().asString(""));
            overflow.ifPresentOrElse(what -> byMethod.put(entry.getKey(), what), () -> byMethod.remove(entry.getKey()));
        });
        return OverflowRules.of(byMethod);
    }

    private static PriorityRules priorities(JsonNode list) {
        List<PriorityRule> rules = new ArrayList<>();
        for (JsonNode json : list) {
            rules.add(new PriorityRule(
                    methods(json.path("methods")),
                    flag(json.path("reply")),
                    flag(json.path("silent")),
                    flag(json.path(SKIP_LIMITS)),
                    PriorityRule.Chat.parse(json.path("chat").asString("")),
                    Priority.parse(json.path("priority").asString("")).orElse(Priority.NORMAL)));
        }
        return new PriorityRules(rules);
    }

    private static Optional<Boolean> flag(JsonNode node) {
        return Optional.of(node).filter(JsonNode::isBoolean).map(JsonNode::asBoolean);
    }
}
