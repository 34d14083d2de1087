package dev.sluice.server.callback;

import dev.sluice.server.callback.Heard.Nothing;
import dev.sluice.server.callback.Heard.Status;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls receivers, each time over a connection of its own to an address that was looked at just before. Thread-safe; blocks
 * its (virtual) thread for at most the timeout.
 */
final class CallbackCalls implements AutoCloseable {
    /** Of an answer nothing matters but its status. */
    private static final int MOST_HEAD = 16 << 10;

    private final HttpClient client;
    private final AllowedTargets targets;
    private final Resolver resolver;
    private final Duration timeout;

    CallbackCalls(Vertx vertx, AllowedTargets targets, Resolver resolver, Duration timeout) {
        this.targets = targets;
        this.resolver = resolver;
        this.timeout = timeout;
        int millis = Math.toIntExact(timeout.toMillis());
        this.client = vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_1_1)
                        .setKeepAlive(false)
                        .setConnectTimeout(millis)
                        .setSslHandshakeTimeout(millis)
                        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                        .setMaxHeaderSize(MOST_HEAD)
                        .setDecompressionSupported(false))
                .with(new PoolOptions().setHttp1MaxSize(HostPlaces.PER_HOST).setMaxWaitQueueSize(HostPlaces.PER_HOST))
                .withConnectHandler(connection -> connection.exceptionHandler(broken -> {})) // its call tells
                .build();
    }

    /** POSTs once. */
    Heard post(CallbackUrl url, MultiMap headers, byte[] body) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        List<InetAddress> addresses;
        try {
            addresses = within(end, resolved(url.host()));
        } catch (TimeoutException e) {
            return new Nothing("name-server-timeout");
        } catch (ExecutionException e) {
            return new Nothing(e.getCause() instanceof UnknownHostException ? "unknown-host" : "name-server");
        }
        if (!addresses.stream().allMatch(address -> targets.allows(url.host(), address))) {
            return new Nothing("address-refused");
        }
        CompletableFuture<Integer> status = send(url, addresses.getFirst(), headers, body, end);
        try {
            return new Status(within(end, status));
        } catch (TimeoutException e) {
            status.cancel(false);
            return new Nothing("timeout");
        } catch (ExecutionException e) {
            return new Nothing(e.getCause() instanceof ConnectException ? "not-reached" : "no-answer");
        }
    }

    /** On a thread of its own, since a name server may be silent for longer than a try may take. */
    private CompletableFuture<List<InetAddress>> resolved(String host) {
        var addresses = new CompletableFuture<List<InetAddress>>();
        Thread.ofVirtual().name("callback-name").start(() -> {
            try {
                addresses.complete(resolver.addresses(host));
            } catch (UnknownHostException | RuntimeException e) {
                addresses.completeExceptionally(e);
            }
        });
        return addresses;
    }

    private CompletableFuture<Integer> send(
            CallbackUrl url, InetAddress address, MultiMap headers, byte[] body, long end) {
        var status = new CompletableFuture<Integer>();
        long left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
        var options = new RequestOptions()
                .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(address, url.port())))
                .setHost(url.host())
                .setPort(url.port())
                .setSsl(url.isEncrypted())
                .setMethod(HttpMethod.POST)
                .setURI(url.path())
                .setHeaders(headers)
                .setFollowRedirects(false)
                .setConnectTimeout(left);
        client.request(options)
                .compose(request -> {
                    request.exceptionHandler(status::completeExceptionally);
                    // However it ends, the connection does as well: the rest of an answer is nobody's business.
                    status.whenComplete((code, failure) -> request.reset());
                    if (status.isDone()) {
                        return Future.failedFuture("too late");
                    }
                    return request.send(Buffer.buffer(body));
                })
                .onSuccess(response -> {
                    response.exceptionHandler(reset -> {}); // or what is broken off here would be logged
                    status.complete(response.statusCode());
                })
                .onFailure(status::completeExceptionally);
        return status;
    }

    private static <T> T within(long end, CompletableFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        client.close();
    }
}
