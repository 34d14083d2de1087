package dev.sluice.server.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;

/**
 * Reads {@code sluice.yaml}. A key is a variable's name, or nested lower-case parts of it: {@code redis: {url: x}} is
 * {@code REDIS_URL}. A list is its values joined by commas. Scalars stay the text they were written as.
 */
final class YamlFile {
    private static final int MAX_DEPTH = 8;

    private final String file;
    private final List<Problem> problems;
    private final Map<String, String> values = new LinkedHashMap<>();

    private YamlFile(String file, List<Problem> problems) {
        this.file = file;
        this.problems = problems;
    }

    static Map<String, String> parse(String file, String text, List<Problem> problems) {
        var reader = new YamlFile(file, problems);
        try {
            var settings = LoadSettings.builder()
                    .setLabel(file)
                    .setSchema(new FailsafeSchema())
                    .setAllowDuplicateKeys(false)
                    .setMaxAliasesForCollections(10)
                    .build();
            Object root = new Load(settings).loadFromString(text);
            if (root instanceof Map<?, ?> map) {
                reader.flatten("", map, 1);
            } else if (root != null && !root.toString().isBlank()) {
                problems.add(Problem.of(file, "must be a map of settings, such as\n  telegram:\n    timeout: 20s"));
            }
        } catch (MarkedYamlEngineException e) {
            // Without the parser's excerpt: the line may hold a secret.
            problems.add(Problem.of(
                    file,
                    e.getProblemMark()
                                    .map(mark -> "line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1)
                                            + ": ")
                                    .orElse("")
                            + "not YAML"
                            + (e.getProblem() != null && e.getProblem().contains("duplicate")
                                    ? ": a key is there twice"
                                    : "")));
        } catch (YamlEngineException e) {
            problems.add(Problem.of(file, "not YAML"));
        }
        return reader.values;
    }

    private void flatten(String prefix, Map<?, ?> map, int depth) {
        map.forEach((key, value) -> {
            var name = prefix + String.valueOf(key).toUpperCase(Locale.ROOT).replace('-', '_');
            switch (value) {
                case null -> {}
                case Map<?, ?> nested when depth < MAX_DEPTH -> flatten(name + "_", nested, depth + 1);
                case List<?> list
                when list.stream().allMatch(String.class::isInstance) ->
                    put(
                            name,
                            String.join(
                                    ",", list.stream().map(String.class::cast).toList()));
                case String text -> put(name, text);
                default ->
                    problems.add(Problem.of(name, "in " + file + " must be a text, a number or a list of these"));
            }
        });
    }

    private void put(String name, String value) {
        if (values.put(name, value) != null) {
            problems.add(Problem.of(name, "is set twice in " + file + ", as one key and as nested keys"));
        }
    }
}
