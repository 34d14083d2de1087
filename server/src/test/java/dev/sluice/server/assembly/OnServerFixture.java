package dev.sluice.server.assembly;

import dev.sluice.redis.RedisProcess;
import dev.sluice.server.settings.SettingsLoader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whole servers in this process, and what an operator or a bot asks them. */
abstract class OnServerFixture {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    /** @param settings names and values in turns */
    final SluiceServer server(RedisProcess redis, String... settings) {
        // A cold process on a busy machine is no outage.
        var all = new HashMap<>(Map.of("REDIS_URL", redis.uri(), "REDIS_TIMEOUT", "5"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return server(all);
    }

    final SluiceServer server(Map<String, String> settings) {
        var environment = new HashMap<>(settings);
        environment.put("SLUICE_PORT", "0");
        return SluiceServer.start(
                new SettingsLoader(directory, environment, Map.of(), Optional.empty(), false, Set.of()).load(),
                "1.2.3");
    }

    /** A part of the server's health. */
    static JsonNode part(SluiceServer server, String name) throws Exception {
        return JsonMapper.shared()
                .readTree(get(server, "/health"))
                .path("parts")
                .valueStream()
                .filter(part -> part.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static String get(SluiceServer server, String path) throws Exception {
        return send(server, "GET", path, "").body();
    }

    static HttpResponse<String> send(SluiceServer server, String method, String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.adminUrl() + path))
                .timeout(Duration.ofSeconds(40))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }
}
