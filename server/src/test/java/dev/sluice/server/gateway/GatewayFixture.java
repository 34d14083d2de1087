package dev.sluice.server.gateway;

import dev.sluice.delivery.Delivery;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A gateway on a real port, in front of an upstream of the test's choice. */
final class GatewayFixture implements AutoCloseable {
    static final String TOKEN = "1000:AAE-secret_secret_secret_secret_1000";
    static final Duration BOUND = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final HttpServer server;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(BOUND)
            .build();
    final UpstreamClient upstream;
    final TrustedTokens tokens;
    final Gateway gateway;
    final Path spool;

    GatewayFixture(URI upstreamUrl, Delivery delivery) throws IOException {
        this(upstreamUrl, delivery, settings -> settings, settings -> settings, GatewayEvents.NONE);
    }

    GatewayFixture(
            URI upstreamUrl,
            Delivery delivery,
            UnaryOperator<GatewaySettings> gatewaySettings,
            UnaryOperator<UpstreamSettings> upstreamSettings,
            GatewayEvents events)
            throws IOException {
        this(upstreamUrl, delivery, Optional.empty(), gatewaySettings, upstreamSettings, events);
    }

    GatewayFixture(
            URI upstreamUrl,
            Delivery delivery,
            Optional<CallQueue> queue,
            UnaryOperator<GatewaySettings> gatewaySettings,
            UnaryOperator<UpstreamSettings> upstreamSettings,
            GatewayEvents events)
            throws IOException {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
        spool = Files.createTempDirectory("gateway-spool");
        upstream = new UpstreamClient(vertx, upstreamSettings.apply(UpstreamSettings.of(upstreamUrl)));
        tokens = new TrustedTokens(upstream);
        gateway = new Gateway(
                vertx,
                gatewaySettings.apply(GatewaySettings.defaults(spool)),
                delivery,
                queue,
                upstream,
                tokens,
                events);
        server = vertx.createHttpServer(Gateway.serverOptions())
                .requestHandler(gateway)
                .invalidRequestHandler(gateway::handleInvalid)
                .listen(0, "127.0.0.1")
                .await();
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + server.actualPort() + path);
    }

    static String path(String method) {
        return "/bot" + TOKEN + "/" + method;
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(url(path)).timeout(BOUND);
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    HttpClient client() {
        return client;
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return send(headers.length == 0 ? request(path) : request(path).headers(headers));
    }

    HttpResponse<String> post(String path, String type, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path).header("Content-Type", type).POST(BodyPublishers.ofString(body));
        return send(headers.length == 0 ? request : request.headers(headers));
    }

    HttpResponse<String> json(String method, String body, String... headers) throws IOException, InterruptedException {
        return post(path(method), "application/json", body, headers);
    }

    /** A connection of which the test writes every byte. */
    Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(Math.toIntExact(BOUND.toMillis()));
        return socket;
    }

    static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** All that comes until the gateway closes. */
    static String readAll(Socket socket) throws IOException {
        var out = new ByteArrayOutputStream();
        socket.getInputStream().transferTo(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    /** One answer with a Content-Length. */
    static String readAnswer(Socket socket) throws IOException {
        var out = new StringBuilder();
        while (out.indexOf("\r\n\r\n") < 0) {
            int c = socket.getInputStream().read();
            if (c < 0) {
                return out.toString();
            }
            out.append((char) c);
        }
        int at = out.toString().toLowerCase(java.util.Locale.ROOT).indexOf("content-length:");
        int length = at < 0
                ? 0
                : Integer.parseInt(
                        out.substring(at + 15, out.indexOf("\r\n", at)).strip());
        return out + new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
    }

    static String rawPost(String path, String type, String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + type + "\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body;
    }

    @Override
    public void close() throws IOException {
        client.close();
        upstream.close();
        vertx.close().await();
        try (var left = Files.list(spool)) {
            if (left.findAny().isPresent()) {
                throw new AssertionError("a spool file was left behind");
            }
        }
        Files.delete(spool);
    }
}
