package dev.sluice.server.admin;

import dev.sluice.server.admin.AdminAccess.Ruling;
import dev.sluice.server.health.Health;
import dev.sluice.server.metrics.MetricsPage;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Health and metrics over HTTP. {@code /health/live} and {@code /health/ready} are for probes: they need no token and tell
 * nothing but a word. Thread-safe; answers are made on virtual threads, since a part may be asked over the network.
 */
public final class AdminApi {
    private static final Set<String> PATHS = Set.of("/health", "/health/live", "/health/ready", "/metrics");
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final String JSON = "application/json; charset=utf-8";
    private static final String PROBLEM = "application/problem+json";
    private static final Logger log = LoggerFactory.getLogger(AdminApi.class);

    private final AdminAccess access;
    private final Health health;
    private final MetricsPage metrics;
    private final JsonMapper json = JsonMapper.shared();

    public AdminApi(AdminAccess access, Health health, MetricsPage metrics) {
        this.access = access;
        this.health = health;
        this.metrics = metrics;
    }

    /** Whether a path is one of these; everything else belongs to the gateway. */
    public boolean serves(String path) {
        return PATHS.contains(path);
    }

    /** Answers a request, whatever its path. */
    public void handle(HttpServerRequest request) {
        var path = request.path();
        if (path == null || !serves(path)) {
            problem(request, 404, "Not Found", "there is nothing at this path");
        } else if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            request.response().putHeader("Allow", "GET, HEAD");
            problem(request, 405, "Method Not Allowed", "this can only be read");
        } else if (path.equals("/health/live")) {
            answer(request, 200, JSON, Map.of("status", "live"));
        } else if (path.equals("/health/ready")) {
            boolean ready = health.isReady();
            answer(
                    request,
                    ready ? 200 : 503,
                    JSON,
                    Map.of("status", ready ? "ready" : health.phase().name().toLowerCase(Locale.ROOT)));
        } else {
            switch (access.judge(request.getHeader("Authorization"), hostOf(request), request.getHeader("Origin"))) {
                case Ruling.Granted granted -> Thread.ofVirtual().name("admin").start(() -> read(request, path));
                case Ruling.Unauthorized(String why) -> {
                    request.response().putHeader("WWW-Authenticate", "Bearer realm=\"sluice\"");
                    problem(request, 401, "Unauthorized", why);
                }
                case Ruling.Forbidden(String why) -> problem(request, 403, "Forbidden", why);
            }
        }
    }

    private void read(HttpServerRequest request, String path) {
        try {
            if (path.equals("/health")) {
                answer(request, 200, JSON, health.report());
            } else if (wantsJson(request)) {
                answer(request, 200, JSON, metrics.json());
            } else {
                send(request, 200, PROMETHEUS, metrics.prometheus());
            }
        } catch (RuntimeException e) {
            log.error("{} failed", path, e);
            problem(request, 500, "Internal Server Error", "see the log");
        }
    }

    /** HTTP/2 has no Host but a pseudo header of the same meaning. */
    private static @Nullable String hostOf(HttpServerRequest request) {
        var host = request.getHeader("Host");
        if (host != null || request.authority() == null) {
            return host;
        }
        var authority = request.authority();
        var name = authority.host().indexOf(':') >= 0 && !authority.host().startsWith("[")
                ? "[" + authority.host() + "]"
                : authority.host();
        return authority.port() > 0 ? name + ":" + authority.port() : name;
    }

    private static boolean wantsJson(HttpServerRequest request) {
        var format = request.getParam("format");
        if (format != null) {
            return format.equals("json");
        }
        var accept = request.getHeader("Accept");
        return accept != null && accept.contains("application/json");
    }

    private void problem(HttpServerRequest request, int status, String title, String detail) {
        var problem = new LinkedHashMap<String, Object>();
        problem.put("type", "about:blank");
        problem.put("title", title);
        problem.put("status", status);
        problem.put("detail", detail);
        answer(request, status, PROBLEM, problem);
    }

    private void answer(HttpServerRequest request, int status, String type, Map<String, Object> body) {
        send(request, status, type, json.writeValueAsString(body) + "\n");
    }

    private static void send(HttpServerRequest request, int status, String type, String body) {
        HttpServerResponse response = request.response();
        response.setStatusCode(status)
                .putHeader("Content-Type", type)
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(body)
                .onFailure(gone -> log.debug("a reader of {} had gone", request.path()));
    }
}
