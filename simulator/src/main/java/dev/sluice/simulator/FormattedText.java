package dev.sluice.simulator;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A text and its entities, as Telegram shows them. Given entities are passed on; HTML is parsed; without either, bot
 * commands are found. Markdown stays in the text as it was sent.
 */
record FormattedText(String text, @Nullable JsonNode entities) {
    private static final Pattern COMMAND = Pattern.compile("(?<![\\w/])/[A-Za-z0-9_]{1,64}(@[A-Za-z0-9_]{3,32})?");

    static FormattedText of(ApiCall call, String textParameter, String entitiesParameter) {
        String text = call.text(textParameter).orElse("");
        JsonNode given = call.json(entitiesParameter).orElse(null);
        if (given != null && !given.isArray()) {
            throw Refusal.badRequest("can't parse " + entitiesParameter + " JSON object");
        }
        if (given != null && !given.isEmpty()) {
            return new FormattedText(text, given);
        }
        return call.text("parse_mode").orElse("").equalsIgnoreCase("html") ? HtmlMarkup.parse(text) : plain(text);
    }

    static FormattedText plain(String text) {
        return new FormattedText(text, text.indexOf('/') < 0 ? null : commands(text));
    }

    /** In characters as Telegram counts them: code points. */
    int length() {
        return text.codePointCount(0, text.length());
    }

    void writeTo(ObjectNode message, String textField, String entitiesField) {
        message.put(textField, text);
        if (entities == null) {
            message.remove(entitiesField);
        } else {
            message.set(entitiesField, entities);
        }
    }

    private static @Nullable JsonNode commands(String text) {
        ArrayNode found = JsonNodeFactory.instance.arrayNode();
        Matcher matcher = COMMAND.matcher(text);
        while (matcher.find()) {
            found.addObject()
                    .put("offset", matcher.start())
                    .put("length", matcher.end() - matcher.start())
                    .put("type", "bot_command");
        }
        return found.isEmpty() ? null : found;
    }
}
