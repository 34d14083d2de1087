package dev.sluice.simulator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;

/** A bot's own web server. */
final class WebhookReceiver implements AutoCloseable {
    /** What it answers an update. */
    record Reply(int status, int retryAfter, String body) {
        static Reply ok() {
            return new Reply(200, 0, "");
        }

        static Reply status(int status) {
            return new Reply(status, 0, "");
        }

        static Reply retryAfter(int seconds) {
            return new Reply(503, seconds, "");
        }

        static Reply body(String json) {
            return new Reply(200, 0, json);
        }
    }

    private static final Duration DEADLINE = Duration.ofSeconds(15);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<JsonNode> attempts = new CopyOnWriteArrayList<>();
    private final List<JsonNode> delivered = new CopyOnWriteArrayList<>();
    private final List<String> secrets = new CopyOnWriteArrayList<>();
    private volatile Function<JsonNode, Reply> answers = update -> Reply.ok();
    private int underWay;
    private int mostAtOnce;

    WebhookReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
    }

    void answerWith(Function<JsonNode, Reply> function) {
        answers = function;
    }

    /** Every attempt, once there are so many. */
    List<JsonNode> await(int count) {
        Awaitility.await().atMost(DEADLINE).until(() -> attempts.size() >= count);
        return new ArrayList<>(attempts);
    }

    /** Every attempt that was answered with success, once there are so many. */
    List<JsonNode> awaitDelivered(int count) {
        Awaitility.await().atMost(DEADLINE).until(() -> delivered.size() >= count);
        return new ArrayList<>(delivered);
    }

    long timesSeen(JsonNode update) {
        return attempts.stream().filter(update::equals).count();
    }

    List<String> secrets() {
        return secrets;
    }

    synchronized int mostAtOnce() {
        return mostAtOnce;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        enter();
        JsonNode update = Caller.JSON.readTree(exchange.getRequestBody());
        String secret = exchange.getRequestHeaders().getFirst("X-Telegram-Bot-Api-Secret-Token");
        if (secret != null) {
            secrets.add(secret);
        }
        // Last: whoever sees the attempt sees all of it.
        attempts.add(update);
        Reply reply = answers.apply(update);
        if (reply.status() == 200) {
            delivered.add(update);
        }
        if (reply.retryAfter() > 0) {
            exchange.getResponseHeaders().set("Retry-After", Integer.toString(reply.retryAfter()));
        }
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        leave();
        exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private synchronized void enter() {
        underWay++;
        mostAtOnce = Math.max(mostAtOnce, underWay);
    }

    private synchronized void leave() {
        underWay--;
    }
}
