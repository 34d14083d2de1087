package dev.sluice.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as its users meet it: a process, its output, its exit code. */
class SluiceCommandTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern CURL = Pattern.compile("curl -s (\\S+) -d (\\S+) -d (\\S+)");

    @TempDir
    private Path directory;

    @Test
    void dev_prints_a_curl_that_works_and_stops_its_children_when_told_to() throws Exception {
        var dev = start("dev", "--port", "0");
        try {
            await().atMost(PATIENCE)
                    .until(() -> !dev.isAlive() || CURL.matcher(output()).find());
            var curl = CURL.matcher(output());
            assertThat(curl.find()).as(output()).isTrue();
            var request = HttpRequest.newBuilder(URI.create(curl.group(1)))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(curl.group(2) + "&" + curl.group(3)))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"ok\":true", "\"text\":\"hello\"");

            var redis = redis();
            dev.destroy();

            assertThat(dev.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(dev.exitValue()).as(output()).isZero();
            assertThat(redis.isAlive()).isFalse();
            assertThat(output()).contains("stopped");
        } finally {
            dev.destroyForcibly();
        }
    }

    @Test
    void a_killed_server_takes_its_redis_along() throws Exception {
        var server = start("serve", "--embedded", "--port", "0");
        try {
            await().atMost(PATIENCE).until(() -> !server.isAlive() || output().contains("ready in"));
            assertThat(server.isAlive()).as(output()).isTrue();
            var redis = redis();
            assertThat(redis.isAlive()).isTrue();

            server.destroyForcibly();

            await().atMost(Duration.ofSeconds(20)).until(() -> !redis.isAlive());
        } finally {
            server.destroyForcibly();
        }
    }

    @Test
    void wrong_settings_are_all_named_and_end_with_exit_code_2() throws Exception {
        Files.writeString(directory.resolve(".env"), "SLUICE_PROT=1\nTELEGRAM_TIMEOUT=soon\n");
        var serve = start("serve");

        assertThat(serve.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(serve.exitValue()).isEqualTo(2);
        assertThat(output().lines())
                .containsExactly(
                        "sluice: the settings cannot be used:",
                        "  SLUICE_PROT=1 (.env): unknown name; docs/settings.md lists all; did you mean SLUICE_PORT?",
                        "  TELEGRAM_TIMEOUT=soon (.env): accepted: a duration from 100ms to 600s:"
                                + " seconds (1.5) or 500ms, 2s, 5m, 1h, 1d");
    }

    @Test
    void what_is_wrongly_asked_is_one_line_with_a_suggestion() throws Exception {
        assertThat(run("serve", "--prot=3")).isEqualTo(2);
        assertThat(output()).startsWith("sluice: Unknown option: '--prot=3'").contains("Did you mean --port?");
        assertThat(run("serve", "--role", "workers")).isEqualTo(2);
        assertThat(output()).contains("--role").contains("ALL, GATEWAY, WORKER");
        assertThat(run("health", "--url", "http://127.0.0.1:1")).isEqualTo(1);
        assertThat(output())
                .startsWith("sluice: no Sluice answers at http://127.0.0.1:1")
                .doesNotContain("\tat ");
    }

    private int run(String... arguments) throws Exception {
        Files.deleteIfExists(directory.resolve("output"));
        var process = start(arguments);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private Process start(String... arguments) throws IOException {
        return Program.command(directory, directory.resolve("output"), arguments)
                .start();
    }

    private String output() throws IOException {
        return Files.readString(directory.resolve("output"), UTF_8);
    }

    private ProcessHandle redis() throws IOException {
        var pid = Files.readString(directory.resolve(".sluice").resolve("redis").resolve("redis.pid"));
        return ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow();
    }
}
