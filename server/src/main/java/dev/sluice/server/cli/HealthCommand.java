package dev.sluice.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.SluiceException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a running server how it is; done means that it takes calls, even if it is degraded. */
@Command(
        name = "health",
        description = "Shows how a running server is; exit code 0 if it takes calls.",
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class HealthCommand implements Callable<Integer> {
    private static final int PATIENCE_MILLIS = 5000;
    private static final int LARGEST_ANSWER = 1 << 20;
    private static final List<String> COLUMNS =
            List.of("PART", "STATUS", "BACKEND", "VERSION", "PING MS", "SURVIVES RESTART");
    private static final List<String> FIELDS =
            List.of("name", "status", "backend", "version", "ping_ms", "survives_restart");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "${env:SLUICE_URL:-http://127.0.0.1:8000}",
            description = "The server (SLUICE_URL; default: http://127.0.0.1:8000).")
    private URI url = URI.create("http://127.0.0.1:8000");

    @Option(names = "--json", description = "The server's own answer, for programs.")
    private boolean json;

    @Override
    public Integer call() {
        var text = ask();
        var out = spec.commandLine().getOut();
        JsonNode health;
        try {
            health = JsonMapper.shared().readTree(text);
        } catch (JacksonException e) {
            throw new SluiceException(url + " is no Sluice: its /health is not JSON", e);
        }
        if (json) {
            out.println(text.strip());
        } else {
            print(health, out);
        }
        out.flush();
        var status = health.path("status").asString("");
        return status.equals("ok") || status.equals("degraded") ? SluiceCommand.done() : SluiceCommand.failed();
    }

    private String ask() {
        try {
            var connection = (HttpURLConnection) url.resolve("/health").toURL().openConnection();
            connection.setConnectTimeout(PATIENCE_MILLIS);
            connection.setReadTimeout(PATIENCE_MILLIS);
            connection.setInstanceFollowRedirects(false);
            token().ifPresent(token -> connection.setRequestProperty("Authorization", "Bearer " + token));
            try (InputStream in =
                    connection.getResponseCode() < 400 ? connection.getInputStream() : InputStream.nullInputStream()) {
                return switch (connection.getResponseCode()) {
                    case 200 -> new String(in.readNBytes(LARGEST_ANSWER), UTF_8);
                    case 401 ->
                        throw new SluiceException(
                                url + " asks for a token: set SLUICE_TOKEN to its SLUICE_ADMIN_TOKEN");
                    case 403 ->
                        throw new SluiceException(
                                url + " answers from its own machine only: it has no SLUICE_ADMIN_TOKEN");
                    default -> throw new SluiceException(url + " answered " + connection.getResponseCode());
                };
            } finally {
                connection.disconnect();
            }
        } catch (IOException | IllegalArgumentException | ClassCastException e) {
            throw new SluiceException(
                    "no Sluice answers at " + url + " (" + e.getMessage() + "); SLUICE_URL or --url names another", e);
        }
    }

    private static Optional<String> token() {
        return Stream.of("SLUICE_TOKEN", "SLUICE_ADMIN_TOKEN")
                .map(HealthCommand::environment)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> environment(String name) {
        @Nullable String value = System.getenv(name);
        return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
    }

    private static void print(JsonNode health, PrintWriter out) {
        out.printf(
                "Sluice %s is %s%n%n",
                health.path("version").asString("?"), health.path("status").asString("?"));
        var rows = Stream.concat(
                        Stream.of(COLUMNS),
                        health.path("parts")
                                .valueStream()
                                .map(part -> FIELDS.stream()
                                        .map(field -> part.path(field).asString("-"))
                                        .toList()))
                .toList();
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                int at = column;
                int width = rows.stream()
                        .mapToInt(other -> other.get(at).length())
                        .max()
                        .orElse(0);
                line.append(row.get(column))
                        .append(" ".repeat(width - row.get(column).length() + 2));
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
