package dev.sluice.server.assembly;

import dev.sluice.server.settings.HttpSettings;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.net.BindException;
import java.net.URI;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** The ports that are open, each served by all event loops: a connection stays on one. Thread-safe once started. */
final class Listeners {
    private static final Duration OPENING = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final int eventLoops;
    private final List<HttpServer> servers = new ArrayList<>();

    Listeners(Vertx vertx, int eventLoops) {
        this.vertx = vertx;
        this.eventLoops = eventLoops;
    }

    /**
     * Listens.
     *
     * @param setting what to change when the port is taken
     * @return the port
     * @throws StartException if it cannot
     */
    int open(
            HttpServerOptions options,
            HttpSettings http,
            int port,
            String setting,
            Handler<HttpServerRequest> handler,
            Handler<HttpServerRequest> invalid) {
        // To Vert.x, 0 is a free port for each server, and a negative number one that its servers share.
        int shared = port == 0 ? -1 - servers.size() : port;
        var opened = new ConcurrentLinkedQueue<HttpServer>();
        Supplier<Deployable> onOneLoop = () -> context -> {
            var server = vertx.createHttpServer(options)
                    // A caller that breaks its connection is no news; without a handler it would be logged as an error.
                    .connectionHandler(connection -> connection.exceptionHandler(broken -> {}))
                    .requestHandler(handler)
                    .invalidRequestHandler(invalid);
            opened.add(server);
            return server.listen(shared, http.host());
        };
        try {
            vertx.deployVerticle(onOneLoop, new DeploymentOptions().setInstances(eventLoops))
                    .await(OPENING.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new StartException("port " + port + " of " + http.host() + " could not be opened in time", e);
        } catch (Exception e) {
            // Vert.x throws the checked BindException undeclared.
            throw new StartException(reason(e, http.host(), port, setting), e);
        }
        servers.addAll(opened);
        return opened.element().actualPort();
    }

    /** Takes no new connections and waits until those that are open have been served, at most {@code longest}. */
    void drain(Duration longest) {
        var all = servers.stream()
                .map(server -> server.shutdown(longest.toMillis(), TimeUnit.MILLISECONDS))
                .toList();
        try {
            Future.join(all).await(longest.toMillis() + OPENING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // They are closed with Vert.x itself.
        }
    }

    static URI url(HttpSettings http, int port) {
        var host = http.host().indexOf(':') >= 0 ? "[" + http.host() + "]" : http.host();
        return URI.create("http://" + host + ":" + port);
    }

    private static String reason(Exception failure, String host, int port, String setting) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            var message = String.valueOf(cause.getMessage());
            if (message.contains("Permission denied")) {
                return "port " + port + " needs rights that this process has not: set " + setting
                        + " to one above 1023";
            }
            if (message.contains("in use")) {
                return "port " + port + " of " + host + " is taken: stop what listens there, or set " + setting
                        + " to another port";
            }
            if (cause instanceof BindException || cause instanceof UnresolvedAddressException) {
                return "this machine has no address " + host + ": set SLUICE_HOST to one of its own";
            }
        }
        return "cannot listen on port " + port + " of " + host + ": " + failure.getMessage();
    }
}
