package dev.sluice.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.sluice.server.admin.Problem.Violation;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An admin API on a real port, whose every answer is held against its own description. */
final class AdminFixture implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final HttpServer server;
    private final List<Operation> operations = new ArrayList<>();

    AdminFixture(AdminAccess access, Ticker ticker, Resource... resources) {
        List.of(resources).forEach(resource -> operations.addAll(resource.operations()));
        var api = new AdminApi(vertx, access, "1.2.3", List.of(resources), ticker);
        server = vertx.createHttpServer()
                .requestHandler(api::handle)
                .listen(0, "127.0.0.1")
                .await();
    }

    /** An answer, its JSON read. */
    record Answer(int status, JsonNode json, HttpResponse<String> http) {
        String type() {
            return json.path("type").asString("").replace("urn:sluice:problem:", "");
        }
    }

    Answer get(String path, String... headers) throws Exception {
        return send("GET", path, "", headers);
    }

    Answer json(String method, String path, String body) throws Exception {
        return send(method, path, body, "Content-Type", "application/json");
    }

    Answer send(String method, String path, String body, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + path))
                .timeout(Duration.ofSeconds(10))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        var http = client.send(request.build(), BodyHandlers.ofString());
        var json = JsonMapper.shared().readTree(http.body().isEmpty() ? "{}" : http.body());
        hold(method, path, http, json);
        return new Answer(http.statusCode(), json, http);
    }

    Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.actualPort());
    }

    private void hold(String method, String path, HttpResponse<String> http, JsonNode json) {
        var plain = path.replaceFirst("\\?.*", "");
        var type = http.headers().firstValue("Content-Type").orElse("");
        if (http.statusCode() >= 400) {
            assertThat(type).isEqualTo("application/problem+json");
            assertThat(violations(ProblemWriter.SHAPE, json)).isEmpty();
            assertThat(json.path("status").asInt()).isEqualTo(http.statusCode());
        }
        operations.stream()
                .filter(operation -> operation.method().name().equals(method)
                        && Operation.pattern(operation.path()).matcher(plain).matches())
                .findFirst()
                .ifPresent(operation -> {
                    if (http.statusCode() >= 400) {
                        assertThat(OpenApi.possible(operation).map(ProblemKind::type))
                                .as(operation.id())
                                .contains(json.path("type").asString());
                    } else {
                        var result = operation.results().stream()
                                .filter(possible -> possible.status() == http.statusCode())
                                .findFirst()
                                .orElseThrow();
                        result.shape()
                                .ifPresent(shape ->
                                        assertThat(violations(shape, json)).isEmpty());
                    }
                });
    }

    private static List<Violation> violations(Shape shape, JsonNode json) {
        var found = new ArrayList<Violation>();
        shape.check(json, "", found);
        return found;
    }

    static Map<String, String> errors(Answer answer) {
        return errors(answer.json());
    }

    static Map<String, String> errors(JsonNode problem) {
        var errors = new TreeMap<String, String>();
        problem.path("errors")
                .valueStream()
                .forEach(error -> errors.put(
                        error.path("at").asString(), error.path("detail").asString()));
        return errors;
    }

    @Override
    public void close() {
        client.close();
        vertx.close().await();
    }
}
