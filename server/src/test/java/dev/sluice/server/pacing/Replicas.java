package dev.sluice.server.pacing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.redis.RedisFixture;
import dev.sluice.redis.RedisProcess;
import dev.sluice.server.assembly.SluiceServer;
import dev.sluice.server.settings.SettingsLoader;
import dev.sluice.simulator.FloodLimits;
import dev.sluice.simulator.Simulator;
import dev.sluice.simulator.SimulatorSettings;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Whole servers in this process, one Redis, one simulator, and a client that can have thousands of calls under way. */
final class Replicas implements AutoCloseable {
    private static final int MOST_CONNECTIONS = 4_000;

    final Simulator simulator;
    final PrintStream console = System.out;
    final String token;
    final long bot;
    private int moreBots;
    private final RedisProcess redis = RedisFixture.start();
    private final List<SluiceServer> servers = new ArrayList<>();
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(MOST_CONNECTIONS));

    /** What a caller got, and when on its own clock. */
    record Answered(int status, String body, Duration after) {}

    Replicas(int count, FloodLimits flood, Map<String, String> settings, Path folder) {
        // Into a file, as in production: what the test runner does with a line costs more than the line.
        System.setOut(log(folder));
        simulator = Simulator.start(SimulatorSettings.defaults().withPort(0).withFlood(flood));
        var account = simulator.addBot(7_000_000_001L, "Paced");
        token = account.token();
        bot = account.id();
        var environment = new HashMap<String, String>();
        environment.put("REDIS_URL", redis.uri());
        // Everything runs on the same few cores here: a pause of the whole process is not an outage.
        environment.put("REDIS_TIMEOUT", "5s");
        environment.put("TELEGRAM_API_URL", simulator.url().toString());
        environment.put("SLUICE_PORT", "0");
        environment.putAll(settings);
        for (int i = 0; i < count; i++) {
            var loader = new SettingsLoader(folder, environment, Map.of(), Optional.empty(), false, Set.of());
            servers.add(SluiceServer.start(loader.load(), "test"));
        }
    }

    private static PrintStream log(Path folder) {
        try {
            return new PrintStream(
                    new BufferedOutputStream(Files.newOutputStream(folder.resolve("replicas.log"))), false, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return the token of one more bot */
    String addBot() {
        return simulator.addBot(bot + ++moreBots, "Another").token();
    }

    CompletableFuture<Answered> send(int replica, long chat, String text, Map<String, String> headers) {
        return send(token, replica, chat, text, headers);
    }

    CompletableFuture<Answered> send(String token, int replica, long chat, String text, Map<String, String> headers) {
        URI url = servers.get(replica).url();
        String body = "chat_id=" + chat + "&text=" + URLEncoder.encode(text, UTF_8);
        var options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(url.getHost())
                .setPort(url.getPort())
                .setURI("/bot" + token + "/sendMessage")
                .putHeader("content-type", "application/x-www-form-urlencoded");
        headers.forEach(options::putHeader);
        long start = System.nanoTime();
        return client.request(options)
                .compose((HttpClientRequest request) -> request.send(Buffer.buffer(body)))
                .compose(response -> response.body()
                        .map(bytes -> new Answered(
                                response.statusCode(),
                                bytes.toString(UTF_8),
                                Duration.ofNanos(System.nanoTime() - start))))
                .toCompletionStage()
                .toCompletableFuture();
    }

    /** How many calls the replicas have under way. */
    int inFlight() {
        int sum = 0;
        for (SluiceServer server : servers) {
            sum += inFlight(server.adminUrl());
        }
        return sum;
    }

    private int inFlight(URI admin) {
        var health = client.request(HttpMethod.GET, admin.getPort(), admin.getHost(), "/health")
                .compose(HttpClientRequest::send)
                .compose(response -> response.body())
                .map(JsonObject::new)
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        for (Object part : health.getJsonArray("parts")) {
            if (part instanceof JsonObject json && "gateway".equals(json.getString("name"))) {
                return json.getInteger("in_flight");
            }
        }
        throw new IllegalStateException("the health page names no gateway");
    }

    @Override
    public void close() {
        client.close().toCompletionStage().toCompletableFuture().join();
        servers.forEach(SluiceServer::close);
        vertx.close().toCompletionStage().toCompletableFuture().join();
        simulator.close();
        redis.close();
        System.setOut(console);
    }
}
