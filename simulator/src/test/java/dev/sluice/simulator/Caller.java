package dev.sluice.simulator;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A bot on the other end of real HTTP. */
final class Caller {
    static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    /** What came back. */
    record Reply(int status, HttpResponse<byte[]> response) {
        JsonNode json() {
            return JSON.readTree(response.body());
        }

        JsonNode result() {
            JsonNode json = json();
            if (!json.path("ok").asBoolean(false)) {
                throw new AssertionError(status + " " + json);
            }
            return json.get("result");
        }

        String description() {
            return json().path("description").asString("");
        }

        String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }
    }

    private final URI base;
    private final String token;

    Caller(Simulator simulator, String token) {
        this.base = simulator.url();
        this.token = token;
    }

    Reply call(String method, Map<String, ?> parameters) {
        return await(callAsync(method, parameters));
    }

    CompletableFuture<Reply> callAsync(String method, Map<String, ?> parameters) {
        return send(HttpRequest.newBuilder(method(method))
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(parameters))));
    }

    Reply text(Object chat, String text) {
        return call("sendMessage", Map.of("chat_id", chat, "text", text));
    }

    URI method(String method) {
        return URI.create(base + "/bot" + token + "/" + method);
    }

    static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    static CompletableFuture<Reply> send(HttpRequest.Builder request) {
        return HTTP.sendAsync(request.timeout(DEADLINE).build(), BodyHandlers.ofByteArray())
                .thenApply(response -> new Reply(response.statusCode(), response));
    }

    static Reply get(URI uri) {
        return await(send(HttpRequest.newBuilder(uri)));
    }

    static Reply await(CompletableFuture<Reply> reply) {
        return reply.orTimeout(DEADLINE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                .join();
    }

    /** The failure of a call that got no answer. */
    static Throwable failure(CompletableFuture<Reply> reply) {
        try {
            throw new AssertionError("answered with " + await(reply).status());
        } catch (java.util.concurrent.CompletionException noAnswer) {
            Throwable cause = noAnswer.getCause();
            if (cause instanceof IOException) {
                return cause;
            }
            throw noAnswer;
        }
    }
}
