package dev.sluice.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.SluiceException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The admin API as commands use it: what is not done is an exception that says why in one line. */
final class AdminClient {
    private static final Duration CONNECTING = Duration.ofSeconds(5);

    /** The server itself may have to ask Telegram, for as long as TELEGRAM_TIMEOUT. */
    private static final Duration ANSWERING = Duration.ofSeconds(60);

    /** Five million recipients over a slow line. */
    private static final Duration UPLOADING = Duration.ofHours(1);

    private static final int LARGEST_ANSWER = 4 << 20;

    private final URI url;
    private final Optional<String> token;
    private final HttpClient http;

    AdminClient(URI url, Optional<String> token) {
        this.url = url;
        this.token = token;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECTING)
                .build();
    }

    /** What the server answered; {@code text} as it came. */
    record Answer(String text, JsonNode json) {}

    Answer get(String path) throws InterruptedException {
        return send(request(path).GET());
    }

    Answer delete(String path) throws InterruptedException {
        return send(request(path).DELETE());
    }

    /** @param method {@code POST}, {@code PUT} or {@code PATCH} */
    Answer send(String method, String path, JsonNode body) throws InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body.toString())));
    }

    Answer post(String path) throws InterruptedException {
        return send(request(path).POST(BodyPublishers.noBody()));
    }

    /** Sends a line, and after it all of {@code in}, of any length. */
    Answer upload(String path, String line, InputStream in) throws InterruptedException {
        var head = new ByteArrayInputStream((line + "\n").getBytes(UTF_8));
        return send(request(path)
                .header("Content-Type", "application/x-ndjson")
                .timeout(UPLOADING)
                .POST(BodyPublishers.ofInputStream(() -> new SequenceInputStream(head, in))));
    }

    private HttpRequest.Builder request(String path) {
        var request = HttpRequest.newBuilder(url.resolve(path)).timeout(ANSWERING);
        token.ifPresent(shown -> request.header("Authorization", "Bearer " + shown));
        return request;
    }

    /**
     * Copies an answer that is not JSON.
     *
     * @param next a header of it that is asked for
     * @return that header's value
     */
    Optional<String> download(String path, OutputStream into, String next) throws InterruptedException {
        HttpResponse<InputStream> response = ask(request(path).GET());
        try (InputStream in = response.body()) {
            if (response.statusCode() == 200) {
                in.transferTo(into);
                return response.headers().firstValue(next);
            }
            understand(response.statusCode(), new String(in.readNBytes(LARGEST_ANSWER), UTF_8));
            throw noSluice("it answered " + response.statusCode());
        } catch (IOException e) {
            throw new SluiceException("the answer of " + url + " broke off, or could not be written", e);
        }
    }

    private Answer send(HttpRequest.Builder request) throws InterruptedException {
        HttpResponse<InputStream> response = ask(request);
        try (InputStream in = response.body()) {
            return understand(response.statusCode(), new String(in.readNBytes(LARGEST_ANSWER), UTF_8));
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private HttpResponse<InputStream> ask(HttpRequest.Builder request) throws InterruptedException {
        try {
            return http.send(request.build(), BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private SluiceException unreachable(IOException e) {
        var why = e.getMessage() == null ? "it cannot be reached" : e.getMessage();
        return new SluiceException(
                "no Sluice answers at " + url + " (" + why + "); SLUICE_URL or --url names another", e);
    }

    private Answer understand(int status, String text) {
        var json = json(text);
        return switch (status) {
            case 200, 201, 202, 204 -> new Answer(text, json.orElseThrow(() -> noSluice("its answer is not JSON")));
            case 401 ->
                throw new SluiceException(
                        url + " asks for a token: set SLUICE_TOKEN to its SLUICE_ADMIN_TOKEN" + detail(json));
            case 403 -> throw new SluiceException(url + " refuses" + detail(json));
            case 400 ->
                throw json.filter(answer -> answer.has("title"))
                        .<SluiceException>map(problem -> new WronglyAskedException(words(problem)))
                        .orElseGet(() -> noSluice("it answered 400"));
            case 404 ->
                throw json.filter(answer -> answer.has("title"))
                        .<SluiceException>map(problem -> new NotThereException(words(problem)))
                        .orElseGet(() -> noSluice("it answered 404"));
            default ->
                throw json.filter(answer -> answer.has("title"))
                        .map(problem -> new SluiceException(words(problem)))
                        .orElseGet(() -> noSluice("it answered " + status));
        };
    }

    private SluiceException noSluice(String why) {
        return new SluiceException(url + " is no Sluice, or one of another version: " + why);
    }

    private static Optional<JsonNode> json(String text) {
        try {
            return Optional.of(JsonMapper.shared().readTree(text.isBlank() ? "{}" : text));
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private static String detail(Optional<JsonNode> json) {
        return json.map(problem -> problem.path("detail").asString(""))
                .filter(text -> !text.isEmpty())
                .map(text -> " (" + text + ")")
                .orElse("");
    }

    private static String words(JsonNode problem) {
        var words = new StringBuilder(problem.path("title").asString()).append(": ");
        if (problem.path("errors").isEmpty()) {
            words.append(problem.path("detail").asString());
        }
        for (JsonNode error : problem.path("errors")) {
            String at = error.path("at").asString();
            words.append(at.isEmpty() ? "" : at + " ")
                    .append(error.path("detail").asString())
                    .append("; ");
        }
        return words.toString().replaceFirst("; $", "");
    }
}
