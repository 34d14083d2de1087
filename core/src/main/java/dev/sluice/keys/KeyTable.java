package dev.sluice.keys;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The families of keys, and to which of them a key belongs. Immutable. */
public final class KeyTable {
    private static final String FILE = "families.txt";
    private static final int COLUMNS = 6;
    private static final Pattern VARIABLE = Pattern.compile("<([a-z_]+)>");
    private static final Pattern WORD = Pattern.compile("[a-z_]{1,32}");

    /** Longer names are cut where they are shown. */
    private static final int MOST_PARTS = 8;

    private static final String MASK = "?";

    /** What may stand for a variable; any other is a name that programs chose. */
    private static final Map<String, String> FORMS = Map.ofEntries(
            Map.entry("bot", "[0-9]+"),
            Map.entry("number", "[0-9]+"),
            Map.entry("thread", "[0-9]+"),
            Map.entry("chat", "-?[0-9]+"),
            Map.entry("user", "-?[0-9]+"),
            Map.entry("bot_user", "[0-9]+_[0-9]+"),
            Map.entry("digest", "[0-9a-f]{32,64}"),
            Map.entry("destiny", "default|[0-9a-f]{32}"),
            Map.entry("uuid", "[0-9a-f-]{36}"),
            Map.entry("subject", "[^\\s{}]{1,128}"),
            Map.entry("lane", "(?:#[0-9]+ )?(?:-|-?[0-9]+|[~+][0-9a-f]{32})"));

    private static final String NAME = "[A-Za-z0-9_-]{1,64}";

    private static final KeyTable SLUICE = parse(text());

    private record Row(KeyFamily family, Pattern form) {}

    private final List<KeyFamily> families;
    private final Map<String, List<Row>> byWord;

    private KeyTable(List<KeyFamily> families) {
        this.families = List.copyOf(families);
        this.byWord = families.stream()
                .map(family -> new Row(family, form(family.name())))
                .collect(Collectors.groupingBy(row -> row.family().word(), LinkedHashMap::new, Collectors.toList()));
    }

    /** That of this version. */
    public static KeyTable ofSluice() {
        return SLUICE;
    }

    /**
     * Reads a table: a family a line.
     *
     * @throws IllegalArgumentException if a line is none, or two have one name
     */
    static KeyTable parse(String text) {
        var families = new ArrayList<KeyFamily>();
        var names = new HashSet<String>();
        text.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(KeyTable::family)
                .forEach(family -> {
                    if (!names.add(family.name())) {
                        throw new IllegalArgumentException("two families of keys are named " + family.name());
                    }
                    families.add(family);
                });
        return new KeyTable(families);
    }

    private static KeyFamily family(String line) {
        String[] cells = line.split(" \\| ", -1);
        if (cells.length != COLUMNS) {
            throw new IllegalArgumentException("no family of keys: " + line);
        }
        boolean owned = cells[2].startsWith("owner: ");
        if (!owned && !cells[2].startsWith("ttl: ") || !cells[0].matches("[a-z_]+:.+")) {
            throw new IllegalArgumentException("no family of keys: " + line);
        }
        return new KeyFamily(
                cells[0],
                named(KeyType.values(), KeyType::word, cells[1]),
                owned,
                cells[2].substring(cells[2].indexOf(' ') + 1),
                named(KeyContent.values(), KeyContent::word, cells[3]),
                cells[4],
                cells[5]);
    }

    private static <E> E named(E[] values, Function<E, String> word, String wanted) {
        return Arrays.stream(values)
                .filter(value -> word.apply(value).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(wanted + " is not known in the table of keys"));
    }

    private static Pattern form(String name) {
        var form = new StringBuilder();
        Matcher variable = VARIABLE.matcher(name);
        int at = 0;
        while (variable.find()) {
            form.append(Pattern.quote(name.substring(at, variable.start())))
                    .append("(?:")
                    .append(FORMS.getOrDefault(variable.group(1), NAME))
                    .append(')');
            at = variable.end();
        }
        return Pattern.compile(form + Pattern.quote(name.substring(at)));
    }

    /** All, in the table's order. */
    public List<KeyFamily> families() {
        return families;
    }

    /**
     * The family of a key: of several that fit, the first.
     *
     * @param name without the prefix
     */
    public Optional<KeyFamily> familyOf(String name) {
        return byWord.getOrDefault(wordOf(name), List.of()).stream()
                .filter(row -> row.form().matcher(name).matches())
                .map(Row::family)
                .findFirst();
    }

    /**
     * What can be shown of a key that is of no family: its parts that stand in the table, all others masked, since nobody knows what they
     * are.
     *
     * @param name without the prefix
     */
    public String masked(String name) {
        String word = wordOf(name);
        Set<String> known = byWord.getOrDefault(word, List.of()).stream()
                .flatMap(row -> Arrays.stream(row.family().name().split(":", -1)))
                .filter(part -> !VARIABLE.matcher(part).find())
                .collect(Collectors.toSet());
        String[] parts = name.split(":", MOST_PARTS + 1);
        var shown = new ArrayList<String>();
        shown.add(WORD.matcher(word).matches() ? word : MASK);
        for (int i = 1; i < Math.min(parts.length, MOST_PARTS); i++) {
            boolean tag = parts[i].startsWith("{") && parts[i].endsWith("}");
            shown.add(known.contains(parts[i]) ? parts[i] : tag ? "{" + MASK + "}" : MASK);
        }
        return String.join(":", shown);
    }

    private static String wordOf(String name) {
        int colon = name.indexOf(':');
        return colon < 0 ? name : name.substring(0, colon);
    }

    private static String text() {
        try (InputStream in = KeyTable.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is missing beside " + KeyTable.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
