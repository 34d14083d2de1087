package dev.sluice.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.server.assembly.SluiceServer;
import dev.sluice.server.cli.Program.Ran;
import dev.sluice.server.settings.SettingsLoader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Jobs from the command line against a running server. */
class JobsCommandTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private SluiceServer server;

    @BeforeEach
    void start() {
        server = SluiceServer.start(
                new SettingsLoader(directory, Map.of("SLUICE_PORT", "0"), Map.of(), Optional.empty(), false, Set.of())
                        .load(),
                "1.2.3");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Ran run(String... arguments) {
        return Program.here(
                Map.of("SLUICE_URL", server.adminUrl().toString()),
                "",
                Stream.concat(Stream.of("jobs"), Stream.of(arguments)).toArray(String[]::new));
    }

    private String send(String method, String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.adminUrl() + path))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build();
        return CLIENT.send(request, BodyHandlers.ofString()).body();
    }

    @Test
    void jobs_are_listed_and_shown() throws Exception {
        assertThat(run("list")).isEqualTo(new Ran(0, "ID  NAME  STATE  PROGRESS  COUNTERS  STARTED  UPDATED  ERROR\n"));
        String started = send("POST", "/v1/jobs", "{\"name\":\"import\",\"id\":\"import-7\",\"total\":10}");
        long run = JsonMapper.shared().readTree(started).path("run").asLong();
        send("PUT", "/v1/jobs/import-7", "{\"run\":" + run + ",\"done\":4,\"add\":{\"users\":3,\"errors\":1}}");

        assertThat(run("list", "--name", "import", "--state", "running").output())
                .containsPattern("(?m)^import-7  import  running  4/10      errors=1 users=3  \\S+Z  \\S+Z  -$");
        assertThat(run("list", "--state", "dead").output().lines()).hasSize(1);
        send(
                "POST",
                "/v1/jobs/import-7/end",
                "{\"run\":" + run + ",\"state\":\"failed\",\"error\":\"TimeoutError\",\"message\":\"the panel\"}");

        assertThat(run("show", "import-7").output())
                .containsPattern("(?m)^state     failed$")
                .containsPattern("(?m)^error     TimeoutError$")
                .containsPattern("(?m)^message   the panel$");
        assertThat(run("show", "import-7", "--json").output()).startsWith("{\"id\":\"import-7\",\"run\":" + run);
        assertThat(run("show", "import-8").code()).isEqualTo(1);
    }

    @Test
    void what_a_program_wrote_cannot_command_the_terminal() throws Exception {
        String started = send("POST", "/v1/jobs", "{\"name\":\"import\",\"id\":\"import-7\"}");
        long run = JsonMapper.shared().readTree(started).path("run").asLong();
        send(
                "POST",
                "/v1/jobs/import-7/end",
                "{\"run\":" + run
                        + ",\"state\":\"succeeded\",\"message\":\"\\u001b[2J\\nstate  failed\\u009b1m\\u202e\"}");
        assertThat(run("show", "import-7").output()).contains("message   ?[2J?state  failed?1m?\n");
    }
}
