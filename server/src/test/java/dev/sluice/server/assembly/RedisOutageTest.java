package dev.sluice.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.server.settings.SettingsLoader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisOutageTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    @Test
    void while_redis_hangs_the_server_is_degraded_but_ready_and_recovers_by_itself() throws Exception {
        var environment = Map.of(
                "SLUICE_PORT", "0", "SLUICE_DATA_DIR", directory.resolve("data").toString());
        var settings = new SettingsLoader(directory, environment, Map.of(), Optional.empty(), true, Set.of()).load();
        try (var server = SluiceServer.start(settings, "1.2.3")) {
            // A Redis that is slow at its start may seem away.
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(get(server, "/health"))
                            .startsWith("{\"status\":\"ok\"")
                            .contains(
                                    "\"backend\":\"redis\"",
                                    "\"survives_restart\":true",
                                    "\"breaker\":\"closed\"",
                                    "\"replicas\":1")
                            .doesNotContain("redis://:"));

            signal("-STOP");
            try {
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> get(server, "/health").startsWith("{\"status\":\"degraded\""));
                assertThat(get(server, "/health/ready")).contains("ready");
                // The replica's own heartbeat meets the outage, too.
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> get(server, "/metrics").contains("sluice_redis_errors_total{"));
            } finally {
                signal("-CONT");
            }

            await().atMost(Duration.ofSeconds(20))
                    .until(() -> get(server, "/health").startsWith("{\"status\":\"ok\""));
            // The first script after the outage may still be under way.
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(get(server, "/metrics"))
                            .contains("sluice_redis_script_seconds_bucket{", "sluice_replicas 1.0"));
        }
    }

    private void signal(String signal) throws Exception {
        var pid = Files.readString(directory.resolve("data").resolve("redis").resolve("redis.pid"))
                .strip();
        assertThat(new ProcessBuilder("kill", signal, pid).start().waitFor()).isZero();
    }

    private static String get(SluiceServer server, String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.adminUrl() + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        return CLIENT.send(request, BodyHandlers.ofString()).body();
    }
}
