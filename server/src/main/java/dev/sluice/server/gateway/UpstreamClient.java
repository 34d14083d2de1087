package dev.sluice.server.gateway;

import dev.sluice.server.gateway.Route.Account;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * The way to Telegram: HTTP/1.1 connections that are kept, for each event loop its own, since a connection of another loop costs
 * two wake-ups a call. Thread-safe.
 *
 * <p>Neither this class nor the client below it ever writes a request twice; whoever wants a repetition makes a new exchange.
 */
public final class UpstreamClient implements AutoCloseable {
    /** File paths and query strings pass through; an answer's head is small. */
    private static final int MOST_HEAD = 64 << 10;

    /**
     * What the kernel has taken counts as written. Left to itself it takes megabytes, which a slow line needs longer to carry
     * than we wait for an answer after the last byte.
     */
    private static final int SEND_BUFFER = 256 << 10;

    private final Vertx vertx;
    private final UpstreamSettings settings;
    private final Queue<HttpClient> clients = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<HttpClient> clientOfLoop = ThreadLocal.withInitial(this::newClient);
    private final String prefix;
    private final RequestOptions origin;

    public UpstreamClient(Vertx vertx, UpstreamSettings settings) {
        this.vertx = vertx;
        this.settings = settings;
        URI url = settings.url();
        boolean tls = url.getScheme().equals("https");
        int port = url.getPort() > 0 ? url.getPort() : tls ? 443 : 80;
        String path = url.getRawPath() == null ? "" : url.getRawPath();
        this.prefix = path.replaceAll("/+$", "");
        this.origin = new RequestOptions()
                .setHost(bare(url.getHost()))
                .setPort(port)
                .setSsl(tls)
                .setFollowRedirects(false)
                .setConnectTimeout(settings.connectTimeout().toMillis());
    }

    private HttpClient newClient() {
        HttpClient client = vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_1_1)
                        .setKeepAlive(true)
                        .setKeepAliveTimeout(
                                Math.toIntExact(settings.keepAlive().toSeconds()))
                        .setPipelining(false)
                        .setConnectTimeout(
                                Math.toIntExact(settings.connectTimeout().toMillis()))
                        .setSslHandshakeTimeout(settings.connectTimeout().toMillis())
                        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                        .setSendBufferSize(SEND_BUFFER)
                        .setMaxHeaderSize(MOST_HEAD)
                        .setDecompressionSupported(false))
                .with(new PoolOptions()
                        .setHttp1MaxSize(settings.connections())
                        .setMaxWaitQueueSize(-1)) // bounded by the gateway's concurrent calls
                .withConnectHandler(connection -> connection.exceptionHandler(broken -> {})) // its exchange tells
                .build();
        clients.add(client);
        return client;
    }

    UpstreamSettings settings() {
        return settings;
    }

    /**
     * A connection on which nothing was written yet; asked for on the event loop that will use it.
     *
     * @param uri below the Bot API's URL, beginning with a slash
     */
    Future<HttpClientRequest> open(HttpMethod method, String uri, MultiMap headers) {
        return clientOfLoop
                .get()
                .request(new RequestOptions(origin)
                        .setMethod(method)
                        .setURI(prefix + uri)
                        .setHeaders(headers));
    }

    /** Closes a connection that came too late to be written to. */
    static void discard(HttpClientRequest unwanted) {
        unwanted.exceptionHandler(reset -> {}); // or it would be logged
        unwanted.reset();
    }

    /** One try, to be started on the event loop of the caller. */
    Exchange exchange(HttpMethod method, String uri, MultiMap headers, Optional<Outgoing> body, Runnable writing) {
        return new Exchange(vertx, () -> open(method, uri, headers), body, settings, writing);
    }

    /** Asks Telegram whether a token is one. Never fails. */
    Future<Tried> getMe(Account account) {
        Promise<Tried> answer = Promise.promise();
        Context context = vertx.getOrCreateContext();
        context.runOnContext(run -> exchange(
                        HttpMethod.GET,
                        account.path() + "/getMe",
                        MultiMap.caseInsensitiveMultiMap(),
                        Optional.empty(),
                        () -> {})
                .start()
                .onComplete(answer));
        return answer.future();
    }

    /** Closes all connections. */
    @Override
    public void close() {
        clients.forEach(HttpClient::close);
    }

    private static String bare(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
