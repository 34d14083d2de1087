package dev.sluice.state;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A JSON value, as its text (RFC 8259). Immutable; two are equal if their texts are. Its {@link #toString} shows nothing of it, since it may be
 * what somebody said.
 *
 * @param json the text, well formed, nested at most {@link #DEEPEST} deep; half characters (unpaired surrogates) become escapes
 */
public record JsonValue(String json) {
    /** How deep lists and objects may be nested. */
    public static final int DEEPEST = 100;

    public static final JsonValue NULL = new JsonValue("null");

    /** @throws IllegalArgumentException if it is no JSON; says where, and nothing of what is there */
    public JsonValue {
        json = JsonSyntax.withoutHalfCharacters(JsonSyntax.checked(json));
    }

    /** Text as a JSON string. */
    public static JsonValue of(String text) {
        return new JsonValue(JsonSyntax.quoted(text));
    }

    public static JsonValue of(long number) {
        return new JsonValue(Long.toString(number));
    }

    public static JsonValue of(boolean flag) {
        return new JsonValue(Boolean.toString(flag));
    }

    /** The text of a JSON string; empty if it is something else. */
    public Optional<String> asText() {
        return json.startsWith("\"") ? Optional.of(JsonSyntax.unquoted(json)) : Optional.empty();
    }

    /** A whole number that fits; empty if it is something else. */
    public OptionalLong asWhole() {
        try {
            return OptionalLong.of(Long.parseLong(json));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** True or false; empty if it is something else. */
    public Optional<Boolean> asFlag() {
        return switch (json) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /** Without the value. */
    @Override
    public String toString() {
        return "JsonValue[" + json.length() + " characters]";
    }
}
