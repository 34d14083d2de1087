package dev.sluice.architecture.canary.fsm;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;

/** A guard that brings an HTTP server. */
public final class HttpCanary {
    HttpServer server(Vertx vertx) {
        return vertx.createHttpServer();
    }
}
