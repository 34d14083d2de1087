package dev.sluice.server.admin;

import dev.sluice.server.admin.Problem.Violation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/**
 * What a JSON value looks like: one description that values are checked against and that the OpenAPI document shows, so that
 * the two cannot differ.
 */
sealed interface Shape {
    /** As JSON Schema. */
    Map<String, Object> schema();

    /** Adds what is wrong with a value; says what was expected, never what was there. */
    void check(JsonNode value, String at, List<Violation> found);

    /** Text; {@code secret} where it is never shown again. */
    record Text(Optional<Pattern> form, Optional<String> format, boolean secret, Optional<String> accepted)
            implements Shape {
        private static final Pattern WORDS = Pattern.compile("[A-Za-z0-9_-]+(\\|[A-Za-z0-9_-]+)+");

        static Text any() {
            return new Text(Optional.empty(), Optional.empty(), false, Optional.empty());
        }

        /** An alternative of words is told as these. */
        static Text matching(String form) {
            return matching(
                    form,
                    WORDS.matcher(form).matches()
                            ? "one of " + form.replace("|", ", ")
                            : "a text that matches " + form);
        }

        /** @param accepted what it must be, as a phrase that completes "must be ..." */
        static Text matching(String form, String accepted) {
            return new Text(Optional.of(Pattern.compile(form)), Optional.empty(), false, Optional.of(accepted));
        }

        static Text secret(String form) {
            return new Text(
                    Optional.of(Pattern.compile(form)),
                    Optional.empty(),
                    true,
                    Optional.of("a text that matches " + form));
        }

        static Text time() {
            return new Text(Optional.empty(), Optional.of("date-time"), false, Optional.empty());
        }

        @Override
        public Map<String, Object> schema() {
            Map<String, Object> schema = typed("string");
            form.ifPresent(pattern -> schema.put("pattern", "^(?:" + pattern.pattern() + ")$"));
            format.ifPresent(name -> schema.put("format", name));
            if (secret) {
                schema.put("writeOnly", true);
            }
            return schema;
        }

        @Override
        public void check(JsonNode value, String at, List<Violation> found) {
            if (!value.isString()
                    || form.isPresent() && !form.get().matcher(value.asString()).matches()) {
                found.add(new Violation(at, "must be " + accepted.orElse("a text")));
            }
        }
    }

    /**
     * Text of any characters, {@code least} to {@code most} of them. No pattern, which would recurse wherever the width of characters
     * changes, until the stack is full.
     *
     * @param secret where it is never shown again
     */
    record FreeText(int least, int most, boolean secret) implements Shape {
        /** The same, never shown again. */
        FreeText asSecret() {
            return new FreeText(least, most, true);
        }

        boolean fits(String text) {
            int length = text.codePointCount(0, text.length());
            return length >= least && length <= most;
        }

        String accepts() {
            return least + " to " + most + " characters";
        }

        @Override
        public Map<String, Object> schema() {
            Map<String, Object> schema = typed("string");
            schema.put("minLength", least);
            schema.put("maxLength", most);
            if (secret) {
                schema.put("writeOnly", true);
            }
            return schema;
        }

        @Override
        public void check(JsonNode value, String at, List<Violation> found) {
            if (!value.isString() || !fits(value.asString())) {
                found.add(new Violation(at, "must be a text of " + accepts()));
            }
        }
    }

    /** A whole number within bounds. */
    record Whole(long least, long most) implements Shape {
        @Override
        public Map<String, Object> schema() {
            Map<String, Object> schema = typed("integer");
            schema.put("minimum", least);
            schema.put("maximum", most);
            return schema;
        }

        @Override
        public void check(JsonNode value, String at, List<Violation> found) {
            if (!value.isIntegralNumber()
                    || !value.canConvertToLong()
                    || value.asLong() < least
                    || value.asLong() > most) {
                found.add(new Violation(at, "must be a whole number from " + least + " to " + most));
            }
        }
    }

    /** Any number. */
    record AnyNumber() implements Shape {
        @Override
        public Map<String, Object> schema() {
            return typed("number");
        }

        @Override
        public void check(JsonNode value, String at, List<Violation> found) {
            if (!value.isNumber()) {
                found.add(new Violation(at, "must be a number"));
            }
        }
    }

    /** True or false. */
    record Flag() implements Shape {
        @Override
        public Map<String, Object> schema() {
            return typed("boolean");
        }

        @Override
        public void check(JsonNode value, String at, List<Violation> found) {
            if (!value.isBoolean()) {
                found.add(new Violation(at, "must be true or false"));
            }
        }
    }

    /** A list of values of one shape. */
    record ListOf(Shape element, int most) implements Shape {
        @Override
        public Map<String, Object> schema() {
            Map<String, Object> schema = typed("array");
            schema.put("items", element.schema());
            schema.put("maxItems", most);
            return schema;
        }

        @Override
        public void check(JsonNode value, String at, List<Violation> found) {
            if (!value.isArray() || value.size() > most) {
                found.add(new Violation(at, "must be a list of at most " + most));
                return;
            }
            for (int i = 0; i < value.size(); i++) {
                element.check(value.path(i), at + "/" + i, found);
            }
        }
    }

    /** An object whose members people name, all of one form and one shape. */
    record MapOf(Shape name, Shape value, int most) implements Shape {
        @Override
        public Map<String, Object> schema() {
            Map<String, Object> schema = typed("object");
            schema.put("propertyNames", name.schema());
            schema.put("additionalProperties", value.schema());
            schema.put("maxProperties", most);
            return schema;
        }

        @Override
        public void check(JsonNode json, String at, List<Violation> found) {
            if (!json.isObject() || json.size() > most) {
                found.add(new Violation(at, "must be an object of at most " + most + " members"));
                return;
            }
            var wrongNames = new ArrayList<Violation>();
            json.propertyNames().forEach(given -> name.check(StringNode.valueOf(given), at, wrongNames));
            if (!wrongNames.isEmpty()) {
                found.add(new Violation(
                        at, "each member's name " + wrongNames.getFirst().detail()));
                return;
            }
            json.properties().forEach(member -> value.check(member.getValue(), at + "/" + member.getKey(), found));
        }
    }

    /** A value that may be null. */
    record OrNull(Shape shape) implements Shape {
        @Override
        public Map<String, Object> schema() {
            return Map.of("anyOf", List.of(shape.schema(), Map.of("type", "null")));
        }

        @Override
        public void check(JsonNode value, String at, List<Violation> found) {
            if (!value.isNull()) {
                shape.check(value, at, found);
            }
        }
    }

    /** One member of an object. */
    record Field(String name, Shape shape, boolean required, String description) {
        static Field required(String name, Shape shape, String description) {
            return new Field(name, shape, true, description);
        }

        static Field optional(String name, Shape shape, String description) {
            return new Field(name, shape, false, description);
        }
    }

    /** An object with these members and no others. */
    record Fields(List<Field> fields) implements Shape {
        static Fields of(Field... fields) {
            return new Fields(List.of(fields));
        }

        @Override
        public Map<String, Object> schema() {
            var properties = new LinkedHashMap<String, Object>();
            var required = new ArrayList<String>();
            for (Field field : fields) {
                var schema = new LinkedHashMap<>(field.shape().schema());
                schema.put("description", field.description());
                properties.put(field.name(), schema);
                if (field.required()) {
                    required.add(field.name());
                }
            }
            Map<String, Object> schema = typed("object");
            schema.put("properties", properties);
            schema.put("required", required);
            schema.put("additionalProperties", false);
            return schema;
        }

        @Override
        public void check(JsonNode value, String at, List<Violation> found) {
            if (!value.isObject()) {
                found.add(new Violation(at, "must be an object"));
                return;
            }
            for (Field field : fields) {
                if (value.has(field.name())) {
                    field.shape().check(value.path(field.name()), at + "/" + field.name(), found);
                } else if (field.required()) {
                    found.add(new Violation(at + "/" + field.name(), "is missing"));
                }
            }
            List<String> known = fields.stream().map(Field::name).toList();
            // Without its name: somebody may have put a secret where a name belongs.
            if (value.propertyNames().stream().anyMatch(name -> !known.contains(name))) {
                found.add(new Violation(at, "has an unknown member; known are " + String.join(", ", known)));
            }
        }
    }

    /** An object about which nothing more is said. */
    record AnyObject() implements Shape {
        @Override
        public Map<String, Object> schema() {
            return typed("object");
        }

        @Override
        public void check(JsonNode value, String at, List<Violation> found) {
            if (!value.isObject()) {
                found.add(new Violation(at, "must be an object"));
            }
        }
    }

    /** Any value: what the caller keeps here. */
    record AnyValue() implements Shape {
        @Override
        public Map<String, Object> schema() {
            return Map.of();
        }

        @Override
        public void check(JsonNode value, String at, List<Violation> found) {}
    }

    /** A shape that the OpenAPI document shows once, under a name. */
    record Named(String name, Shape shape) implements Shape {
        @Override
        public Map<String, Object> schema() {
            return Map.of("$ref", "#/components/schemas/" + name);
        }

        @Override
        public void check(JsonNode value, String at, List<Violation> found) {
            shape.check(value, at, found);
        }
    }

    /** The shapes within this one, itself included. */
    default List<Shape> all() {
        var all = new ArrayList<Shape>();
        all.add(this);
        switch (this) {
            case ListOf(Shape element, int most) -> all.addAll(element.all());
            case MapOf(Shape name, Shape value, int most) -> all.addAll(value.all());
            case OrNull(Shape shape) -> all.addAll(shape.all());
            case Named(String name, Shape shape) -> all.addAll(shape.all());
            case Fields(List<Field> fields) ->
                fields.forEach(field -> all.addAll(field.shape().all()));
            case Text text -> {}
            case FreeText text -> {}
            case Whole whole -> {}
            case AnyNumber number -> {}
            case Flag flag -> {}
            case AnyObject object -> {}
            case AnyValue value -> {}
        }
        return all;
    }

    private static Map<String, Object> typed(String type) {
        var schema = new LinkedHashMap<String, Object>();
        schema.put("type", type);
        return schema;
    }
}
