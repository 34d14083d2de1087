package dev.sluice.server.cli;

import dev.sluice.server.assembly.SluiceServer;
import dev.sluice.server.cli.Program.Ran;
import dev.sluice.server.settings.SettingsLoader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A command of the program, and for each test a server of its own that it asks. */
abstract class ServerCommandFixture {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final String command;
    private final Map<String, String> settings;

    @TempDir
    Path directory;

    private SluiceServer server;

    /** @param settings of the server, beside its port */
    ServerCommandFixture(String command, Map<String, String> settings) {
        this.command = command;
        this.settings = settings;
    }

    @BeforeEach
    void start() {
        var environment = new HashMap<>(settings);
        environment.put("SLUICE_PORT", "0");
        server = SluiceServer.start(
                new SettingsLoader(directory, environment, Map.of(), Optional.empty(), false, Set.of()).load(),
                "1.2.3");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Runs the command in this process. */
    final Ran run(String... arguments) {
        return runAgainst(server.adminUrl().toString(), arguments);
    }

    final Ran runAgainst(String url, String... arguments) {
        return Program.here(Map.of("SLUICE_URL", url), "", line(arguments));
    }

    /** Runs the command as a process of its own. */
    final Ran process(String... arguments) throws IOException, InterruptedException {
        return Program.process(directory, Map.of("SLUICE_URL", server.adminUrl().toString()), "", line(arguments));
    }

    private String[] line(String... arguments) {
        return Stream.concat(Stream.of(command), Stream.of(arguments)).toArray(String[]::new);
    }

    /** What a program does, not the command. */
    final HttpResponse<String> send(String method, String path, String body) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(server.adminUrl() + path))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build();
        return CLIENT.send(request, BodyHandlers.ofString());
    }
}
