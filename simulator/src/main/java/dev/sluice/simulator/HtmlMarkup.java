package dev.sluice.simulator;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Texts with {@code parse_mode=HTML}: the tags become entities, and what Telegram refuses is refused in its words. */
final class HtmlMarkup {
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("b", "bold"),
            Map.entry("strong", "bold"),
            Map.entry("i", "italic"),
            Map.entry("em", "italic"),
            Map.entry("u", "underline"),
            Map.entry("ins", "underline"),
            Map.entry("s", "strikethrough"),
            Map.entry("strike", "strikethrough"),
            Map.entry("del", "strikethrough"),
            Map.entry("tg-spoiler", "spoiler"),
            Map.entry("span", "spoiler"),
            Map.entry("code", "code"),
            Map.entry("pre", "pre"),
            Map.entry("a", "text_link"),
            Map.entry("blockquote", "blockquote"),
            Map.entry("tg-emoji", "custom_emoji"));
    private static final Map<String, String> NAMED = Map.of("lt", "<", "gt", ">", "amp", "&", "quot", "\"");
    private static final Pattern REFERENCE =
            Pattern.compile("&(?:(lt|gt|amp|quot)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));");
    private static final Pattern TAG = Pattern.compile("<(/?)([a-zA-Z][a-zA-Z-]*)((?:\\s[^>]*)?)>");
    private static final Pattern ATTRIBUTE =
            Pattern.compile("(href|emoji-id|class)\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)'|(\\S+))");

    private record Open(String tag, String attributes, int start) {}

    private final String source;
    private final StringBuilder text = new StringBuilder();
    private final Deque<Open> open = new ArrayDeque<>();
    private final List<ObjectNode> entities = new ArrayList<>();

    private HtmlMarkup(String source) {
        this.source = source;
    }

    static FormattedText parse(String source) {
        return new HtmlMarkup(source).run();
    }

    private FormattedText run() {
        Matcher reference = REFERENCE.matcher(source);
        Matcher tag = TAG.matcher(source);
        int at = 0;
        while (at < source.length()) {
            char c = source.charAt(at);
            if (c == '&' && reference.region(at, source.length()).lookingAt()) {
                text.append(decoded(reference));
                at = reference.end();
            } else if (c == '<') {
                if (!tag.region(at, source.length()).lookingAt()) {
                    throw refusal("Unsupported start tag \"\" at byte offset " + bytes(at));
                }
                take(tag, at);
                at = tag.end();
            } else {
                text.append(c);
                at++;
            }
        }
        if (!open.isEmpty()) {
            throw refusal("Can't find end tag corresponding to start tag \""
                    + open.element().tag() + "\"");
        }
        entities.sort(Comparator.comparingInt(
                        (ObjectNode entity) -> entity.get("offset").intValue())
                .thenComparingInt(entity -> -entity.get("length").intValue()));
        ArrayNode array = JsonNodeFactory.instance.arrayNode().addAll(entities);
        return array.isEmpty() ? FormattedText.plain(text.toString()) : new FormattedText(text.toString(), array);
    }

    private void take(Matcher tag, int at) {
        String name = tag.group(2).toLowerCase(Locale.ROOT);
        if (tag.group(1).isEmpty()) {
            if (!TYPES.containsKey(name)) {
                throw refusal("Unsupported start tag \"" + name + "\" at byte offset " + bytes(at));
            }
            open.push(new Open(name, tag.group(3), text.length()));
            return;
        }
        if (open.isEmpty()) {
            throw refusal("Unexpected end tag at byte offset " + bytes(at));
        }
        Open start = open.pop();
        if (!start.tag().equals(name)) {
            throw refusal("Unmatched end tag at byte offset " + bytes(at) + ", expected \"</" + start.tag()
                    + ">\", found \"</" + name + ">\"");
        }
        close(start);
    }

    private void close(Open start) {
        int length = text.length() - start.start();
        if (length == 0) {
            return;
        }
        ObjectNode entity = JsonNodeFactory.instance.objectNode();
        entity.put("offset", start.start());
        entity.put("length", length);
        entity.put("type", TYPES.get(start.tag()));
        Matcher attribute = ATTRIBUTE.matcher(start.attributes());
        boolean found = attribute.find();
        if (start.tag().equals("a")) {
            // a link without a target is its text, if that is one
            entity.put("url", found ? value(attribute) : text.substring(start.start()));
        } else if (start.tag().equals("tg-emoji") && found) {
            entity.put("custom_emoji_id", value(attribute));
        } else if (start.tag().equals("code")
                && found
                && !open.isEmpty()
                && open.element().tag().equals("pre")) {
            return; // <pre><code class="language-x"> is one block
        }
        entities.add(entity);
    }

    private static String value(Matcher attribute) {
        for (int group = 2; group <= 4; group++) {
            if (attribute.group(group) != null) {
                return attribute.group(group);
            }
        }
        return "";
    }

    private static String decoded(Matcher reference) {
        if (reference.group(1) != null) {
            return NAMED.getOrDefault(reference.group(1), "");
        }
        int code = reference.group(2) != null
                ? Integer.parseInt(reference.group(2))
                : Integer.parseInt(reference.group(3), 16);
        return Character.isValidCodePoint(code) && code != 0 ? Character.toString(code) : "";
    }

    private int bytes(int at) {
        return source.substring(0, at).getBytes(StandardCharsets.UTF_8).length;
    }

    private static Refusal refusal(String what) {
        return Refusal.badRequest("can't parse entities: " + what);
    }
}
