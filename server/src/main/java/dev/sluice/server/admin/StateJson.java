package dev.sluice.server.admin;

import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.Shape.FreeText;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.MapOf;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.state.FieldName;
import dev.sluice.state.JsonValue;
import dev.sluice.state.StateFullException;
import dev.sluice.state.TooMuchStateException;
import dev.sluice.state.UnreadableStateException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.util.RawValue;

/** What conversations and sessions have in common over HTTP. */
final class StateJson {
    static final ProblemKind TOO_MUCH = new ProblemKind(422, "too-much-state", "There would be too much of it");
    static final ProblemKind FULL = new ProblemKind(409, "state-full", "There is no room for more");
    static final ProblemKind UNREADABLE =
            new ProblemKind(409, "state-unreadable", "It was encrypted with a key that is not known here");

    private static final FreeText NAME = new FreeText(1, FieldName.LONGEST, false);

    static final Shape VERSION = new Whole(0, 1L << 53);

    private StateJson() {}

    /** Values by names of fields. */
    static MapOf fields(Shape value, int most) {
        return new MapOf(NAME, value, most);
    }

    /** Names of fields. */
    static ListOf names(int most) {
        return new ListOf(NAME, most);
    }

    static OptionalLong number(JsonNode body, String name) {
        return body.has(name) ? OptionalLong.of(body.path(name).asLong()) : OptionalLong.empty();
    }

    /** @throws IllegalArgumentException if it is nested too deep, or has a number beyond all that can be told */
    static JsonValue value(JsonNode node) {
        requireFinite(node);
        return new JsonValue(node.toString());
    }

    /** Beyond them it would silently become a text. */
    private static void requireFinite(JsonNode node) {
        if (node.isFloatingPointNumber() && !Double.isFinite(node.asDouble())) {
            throw new IllegalArgumentException("a number must be within those of IEEE doubles, 1.8e308 either way");
        }
        node.forEach(StateJson::requireFinite);
    }

    static Map<String, JsonValue> values(JsonNode object) {
        var values = new LinkedHashMap<String, JsonValue>();
        object.properties().forEach(field -> values.put(field.getKey(), value(field.getValue())));
        return values;
    }

    static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }

    /** The value as it is stored, to the character. */
    static RawValue shown(JsonValue value) {
        return new RawValue(value.json());
    }

    /** What a body asks for, of the right shape, may still be none. */
    static <T> T read(Supplier<T> reading) {
        return read("", reading);
    }

    /** The same, of one part of the request: {@code at} says which. */
    static <T> T read(String at, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException e) {
            // Of numbers and bounds only.
            throw Problem.malformed(List.of(new Violation(at, String.valueOf(e.getMessage()))))
                    .asRefusal();
        }
    }

    /** What the store says, or the problem that it has. */
    static <T> T asked(Supplier<T> question) {
        try {
            return question.get();
        } catch (TooMuchStateException e) {
            throw Problem.of(TOO_MUCH, String.valueOf(e.getMessage())).asRefusal();
        } catch (StateFullException e) {
            throw Problem.of(FULL, "Sluice runs without Redis, and holds as much as it can")
                    .asRefusal();
        } catch (UnreadableStateException e) {
            throw Problem.of(UNREADABLE, "give that key in SLUICE_SECRET_KEY, too, or delete it")
                    .asRefusal();
        }
    }
}
