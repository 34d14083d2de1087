package dev.sluice.server.settings;

import dev.sluice.server.settings.Reading.Sourced;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The one place where settings are read: command line, then environment, then {@code .env}, then {@code sluice.yaml}.
 * An empty value counts as not set.
 *
 * @param directory where {@code .env} and {@code sluice.yaml} lie
 * @param environment the process' environment
 * @param commandLine values given as options, by variable name
 * @param configFile the settings file named on the command line
 * @param embedded whether the command runs a Redis of its own
 * @param decided names that the command decides by itself; set elsewhere they are not used, which is noted
 */
public record SettingsLoader(
        Path directory,
        Map<String, String> environment,
        Map<String, String> commandLine,
        Optional<Path> configFile,
        boolean embedded,
        Set<String> decided) {
    /** Nobody writes a megabyte of settings; a wrong path may name something much larger. */
    private static final long LARGEST_FILE = 1 << 20;

    private static final String DOT_ENV = ".env";
    private static final String DEFAULT_CONFIG = "sluice.yaml";

    /** For the current process and its working directory. */
    public static SettingsLoader ofProcess() {
        return new SettingsLoader(Path.of(""), System.getenv(), Map.of(), Optional.empty(), false, Set.of());
    }

    public SettingsLoader withCommandLine(Map<String, String> options) {
        return new SettingsLoader(directory, environment, Map.copyOf(options), configFile, embedded, decided);
    }

    public SettingsLoader withConfigFile(Optional<Path> file) {
        return new SettingsLoader(directory, environment, commandLine, file, embedded, decided);
    }

    public SettingsLoader withEmbedded(boolean newEmbedded) {
        return new SettingsLoader(directory, environment, commandLine, configFile, newEmbedded, decided);
    }

    public SettingsLoader withDecided(Set<String> names) {
        return new SettingsLoader(directory, environment, commandLine, configFile, embedded, Set.copyOf(names));
    }

    /**
     * Reads and checks everything.
     *
     * @throws InvalidSettingsException with all that is wrong
     */
    public ServerSettings load() {
        var problems = new ArrayList<Problem>();
        var notes = new ArrayList<String>();
        var values = gather(problems, notes);
        var reading = new Reading(values, problems);
        var settings = ServerSettings.read(reading, embedded, notes);
        checkTheRest(reading, values.keySet());
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
        return settings;
    }

    private Map<String, Sourced> gather(List<Problem> problems, List<String> notes) {
        var values = new TreeMap<String, Sourced>();
        commandLine.forEach((name, text) -> add(values, name, text, "command line"));
        environment.forEach((name, text) -> {
            if (Catalogue.isServiceLink(name, text)) {
                if (Catalogue.find(name).isPresent()) {
                    notes.add(name + " was set by the platform as a service link and is ignored");
                }
            } else if (isOurs(name, text, "environment", problems)) {
                add(values, name, text, "environment");
            }
        });
        readDotEnv(problems).forEach((name, text) -> {
            if (isOurs(name, text, DOT_ENV, problems)) {
                add(values, name, text, DOT_ENV);
            }
        });
        readYaml(values, problems).forEach((name, text) -> add(values, name, text, "settings file"));
        for (String name : decided) {
            if (values.containsKey(name) && !commandLine.containsKey(name)) {
                values.remove(name);
                notes.add(name + " is set but not used by this command");
            }
        }
        values.keySet().stream()
                .flatMap(name -> Catalogue.find(name).stream())
                .filter(setting -> setting.use() == Setting.Use.LATER)
                .forEach(setting -> notes.add(setting.name() + " is set but not used by this version"));
        return values;
    }

    private static void add(Map<String, Sourced> values, String name, String text, String origin) {
        var stripped = text.strip();
        if (!stripped.isEmpty()) {
            values.putIfAbsent(name, new Sourced(stripped, origin));
        }
    }

    private static boolean isOurs(String name, String text, String origin, List<Problem> problems) {
        if (Catalogue.find(name).isPresent()) {
            return true;
        }
        if (Catalogue.claimsToBeOurs(name)) {
            problems.add(unknown(name, text, origin));
        }
        return false;
    }

    private static Problem unknown(String name, String text, String origin) {
        return new Problem(
                name,
                Optional.of(Masking.showUnknown(name, text)),
                Optional.of(origin),
                "unknown name; docs/settings.md lists all",
                NearestName.among(Catalogue.names(), name));
    }

    private Map<String, String> readDotEnv(List<Problem> problems) {
        return readFile(directory.resolve(DOT_ENV), DOT_ENV, problems)
                .map(text -> DotEnv.parse(DOT_ENV, text.lines().toList(), problems))
                .orElse(Map.of());
    }

    private Map<String, String> readYaml(Map<String, Sourced> values, List<Problem> problems) {
        var named = configFile.or(
                () -> Optional.ofNullable(values.get("SLUICE_CONFIG")).map(sourced -> Path.of(sourced.text())));
        var path = directory.resolve(named.orElse(Path.of(DEFAULT_CONFIG)));
        if (named.isPresent() && !Files.isRegularFile(path)) {
            problems.add(Problem.of(
                    configFile.isPresent() ? "--config" : "SLUICE_CONFIG", "there is no file " + named.get()));
            return Map.of();
        }
        var label = path.getFileName().toString();
        var known = new LinkedHashMap<String, String>();
        readFile(path, label, problems)
                .map(text -> YamlFile.parse(label, text, problems))
                .orElse(Map.of())
                .forEach((name, text) -> {
                    if (Catalogue.find(name).isPresent()) {
                        known.put(name, text);
                    } else {
                        problems.add(unknown(name, text, label));
                    }
                });
        return known;
    }

    private static Optional<String> readFile(Path path, String label, List<Problem> problems) {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        try {
            if (Files.size(path) > LARGEST_FILE) {
                problems.add(Problem.of(label, "is larger than 1 MB; is it the right file?"));
                return Optional.empty();
            }
            return Optional.of(Files.readString(path));
        } catch (CharacterCodingException e) {
            problems.add(Problem.of(label, "is not UTF-8 text"));
        } catch (IOException e) {
            problems.add(Problem.of(label, "cannot be read: " + e.getClass().getSimpleName()));
        }
        return Optional.empty();
    }

    /** Settings that no section of this version reads must have their form all the same. */
    private static void checkTheRest(Reading reading, Iterable<String> names) {
        for (String name : names) {
            Catalogue.find(name).ifPresent(reading::find);
        }
    }
}
