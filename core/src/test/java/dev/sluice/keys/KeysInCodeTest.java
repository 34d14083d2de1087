package dev.sluice.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever class names keys has a line in the table, and each line has such a class. */
class KeysInCodeTest {
    private static final List<Path> SOURCES =
            List.of(Path.of("src", "main", "java"), Path.of("..", "server", "src", "main", "java"));

    /** {@code keys.key("word", ...}, of whatever receiver but a retrieval's scope, also over several lines. */
    private static final Pattern NAMED = Pattern.compile("(?<!scope)\\.key\\(\\s*\"([^\"]+)\"\\s*,");

    private static final Pattern CONSTANT = Pattern.compile("String FAMILY = \"([^\"]+)\"");

    /** {@code new KeySpace(...).prefix() + ...}: whoever does without {@code key}. */
    private static final Pattern BY_HAND = Pattern.compile("(?:\\.prefix\\(\\)|prefixes\\.getFirst\\(\\))\\s*\\+");

    /** What is made of a prefix and is no key: channels, what caches listen to, patterns; and a probe, which is in the table. */
    private static final Set<String> NO_KEYS = Set.of(
            "LockName",
            "CacheNews",
            "RedisBundleStore",
            "WorkNews",
            "KeySurvey",
            "KeyScan",
            "RedisKeyWatch",
            "RedisAccessTruth");

    /** A name that is never written. */
    private static final Set<String> NEVER_KEYS = Set.of("watch");

    /** Families whose word comes from an enumeration. */
    private static final Set<String> OF_CACHES = Set.of("cache", "access_state", "rag_cache");

    private final Map<String, String> sources = new HashMap<>();

    KeysInCodeTest() throws IOException {
        for (Path root : SOURCES) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .forEach(file ->
                                sources.put(file.getFileName().toString().replace(".java", ""), read(file)));
            }
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> words() {
        return KeyTable.ofSluice().families().stream()
                .map(KeyFamily::word)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> found(Pattern pattern) {
        var found = new TreeSet<String>();
        sources.values().forEach(source -> {
            Matcher matcher = pattern.matcher(source);
            while (matcher.find()) {
                found.add(matcher.group(1));
            }
        });
        return found;
    }

    @Test
    void every_family_that_is_named_in_code_is_in_the_table_and_the_other_way_round() {
        Set<String> named = found(NAMED);
        named.addAll(found(CONSTANT));
        named.addAll(OF_CACHES);
        named.removeAll(NEVER_KEYS);

        assertThat(named).isEqualTo(words());
        assertThat(sources.get("CacheFamily"))
                .contains(OF_CACHES.stream().map(word -> "\"" + word + "\"").toList());
    }

    @Test
    void every_line_names_a_class_that_names_such_keys() {
        for (KeyFamily family : KeyTable.ofSluice().families()) {
            assertThat(sources).as(family.name()).containsKey(family.writer());
            assertThat(sources.get(family.writer()))
                    .as("%s of %s", family.writer(), family.name())
                    .containsPattern("\\.key\\(|String FAMILY|new Bucket\\(|\\{probe}");
        }
    }

    @Test
    void nobody_makes_names_of_keys_by_hand() {
        var byHand = new ArrayList<String>();
        sources.forEach((name, source) -> {
            if (BY_HAND.matcher(source).find() && !NO_KEYS.contains(name)) {
                byHand.add(name);
            }
        });

        assertThat(byHand).isEmpty();
    }

    /** Scripts make names of others in the same slot; each such part stands in the table. */
    @Test
    void every_name_that_scripts_make_is_in_the_table() throws IOException {
        Pattern made = Pattern.compile("(?:queue|broadcasts) \\.\\. '([a-z]+)(:?)");
        var missing = new TreeSet<String>();
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "resources"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".lua")).toList()) {
                Matcher name = made.matcher(Files.readString(file));
                while (name.find()) {
                    String part = ":" + name.group(1) + (name.group(2).isEmpty() ? "" : ":");
                    if (KeyTable.ofSluice().families().stream()
                            .noneMatch(family -> (family.name() + "$").contains(part))) {
                        missing.add(file.getFileName() + " " + part);
                    }
                }
            }
        }

        assertThat(missing).isEmpty();
    }
}
