package dev.sluice.server.admin;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.server.admin.AdminAccess.Ruling;
import dev.sluice.server.http.UnwantedBody;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators and their programs ask over HTTP. A request passes, in this order: its path and method, who may ask, its body,
 * its form; then its operation answers on a virtual thread, since it may ask others over the network. Thread-safe.
 */
public final class AdminApi {
    private static final String MERGE_PATCH = "application/merge-patch+json";
    private static final String NO_MEMBERS = "{}";
    private static final Duration SOON = Duration.ofSeconds(1);

    /** Operators are few; more at once are a program that has run away, which must not starve the gateway. */
    private static final int MOST_AT_ONCE = 64;

    /** Bots ask for each message, and are answered within milliseconds: more at once are a jam. */
    private static final int MOST_GUARDED_AT_ONCE = 2_000;

    private static final Logger log = LoggerFactory.getLogger(AdminApi.class);

    private final Vertx vertx;
    private final AdminAccess access;
    private final FailedAttempts attempts;
    private final Routes routes;
    private final Semaphore operators = new Semaphore(MOST_AT_ONCE);
    private final Semaphore bots = new Semaphore(MOST_GUARDED_AT_ONCE);

    /** @param version the program's */
    public AdminApi(Vertx vertx, AdminAccess access, String version, List<Resource> resources) {
        this(vertx, access, version, resources, Ticker.systemTicker());
    }

    AdminApi(Vertx vertx, AdminAccess access, String version, List<Resource> resources, Ticker ticker) {
        this.vertx = vertx;
        this.access = access;
        this.attempts = new FailedAttempts(ticker);
        var operations = new ArrayList<Operation>();
        resources.forEach(resource -> operations.addAll(resource.operations()));
        var description = new OpenApi(version, operations);
        operations.add(Operation.get("/v1/openapi.json", "describe", "This description.")
                .answers(200, "OpenAPI 3.1.", new Shape.AnyObject())
                .by(request -> AdminResponse.json(200, description.document())));
        this.routes = new Routes(operations);
    }

    /** Whether a path is to be answered here; everything else belongs to the gateway. */
    public boolean serves(String path) {
        return routes.serves(path);
    }

    /** Answers a request, whatever its path. To be called on the request's event loop. */
    public void handle(HttpServerRequest request) {
        try {
            begin(request);
        } catch (Problem.Refusal refusal) {
            refuse(request, refusal.problem());
        }
    }

    private void begin(HttpServerRequest request) {
        var path = request.path() == null ? "" : request.path();
        var match = routes.find(request.method(), path);
        if (match.isEmpty()) {
            request.response().putHeader("Allow", routes.allowed(path));
            if (request.method().equals(HttpMethod.OPTIONS)) {
                request.response().setStatusCode(204).end();
                return;
            }
            throw Problem.of(ProblemKind.METHOD, "use " + routes.allowed(path)).asRefusal();
        }
        var operation = match.get().operation();
        if (!operation.open()) {
            letIn(request);
        }
        if (operation.streamed().isPresent()) {
            requireType(request, operation.streamed().get().mediaType());
            onThreadOfItsOwn(request, match.get(), Buffer.buffer(), Optional.of(new BodyStream(vertx, request)));
            return;
        }
        body(request, operation)
                .onSuccess(body -> onThreadOfItsOwn(request, match.get(), body, Optional.empty()))
                .onFailure(failure -> {
                    if (failure instanceof Problem.Refusal refusal) {
                        // What is left of the body would be taken for the next request.
                        request.response().putHeader("Connection", "close");
                        refuse(request, refusal.problem());
                        UnwantedBody.discardThenClose(vertx, request);
                    } else {
                        log.debug("a body broke off", failure);
                    }
                });
    }

    private void letIn(HttpServerRequest request) {
        var address = request.remoteAddress() == null || request.remoteAddress().hostAddress() == null
                ? ""
                : request.remoteAddress().hostAddress();
        attempts.closedFor(address).ifPresent(left -> {
            throw Problem.of(ProblemKind.TOO_MANY, "this address is not heard for a minute")
                    .retryAfter(left)
                    .asRefusal();
        });
        switch (access.judge(request.getHeader("Authorization"), hostOf(request), request.getHeader("Origin"))) {
            case Ruling.Granted granted -> {}
            case Ruling.Unauthorized(String why, boolean guessed) -> {
                if (guessed) {
                    attempts.failed(address);
                }
                throw Problem.of(ProblemKind.UNAUTHORIZED, why).asRefusal();
            }
            case Ruling.Forbidden(String why) ->
                throw Problem.of(ProblemKind.FORBIDDEN, why).asRefusal();
        }
    }

    private static void requireType(HttpServerRequest request, String mediaType) {
        if (!typeOf(request).equals(mediaType) || request.getHeader("Content-Encoding") != null) {
            request.response().putHeader("Connection", "close");
            throw Problem.of(ProblemKind.MEDIA_TYPE, "send " + mediaType + ", not encoded")
                    .asRefusal();
        }
    }

    private static String typeOf(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader("Content-Type"))
                .map(text -> text.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT))
                .orElse("");
    }

    private Future<Buffer> body(HttpServerRequest request, Operation operation) {
        if (operation.body().isEmpty()) {
            return Future.succeededFuture(Buffer.buffer());
        }
        if (operation.bodyOptional() && !hasBody(request)) {
            return Future.succeededFuture(Buffer.buffer(NO_MEMBERS));
        }
        var type = typeOf(request);
        boolean taken = type.equals(takenType(operation))
                || operation.method().equals(HttpMethod.PATCH) && type.equals(AdminResponse.JSON);
        if (!taken || request.getHeader("Content-Encoding") != null) {
            var types = takenType(operation)
                    + (operation.method().equals(HttpMethod.PATCH) ? " or " + AdminResponse.JSON : "");
            return Future.failedFuture(Problem.of(ProblemKind.MEDIA_TYPE, "send " + types + ", not encoded")
                    .asRefusal());
        }
        return BodyReader.read(vertx, request);
    }

    private static boolean hasBody(HttpServerRequest request) {
        var length = request.getHeader("Content-Length");
        return request.getHeader("Transfer-Encoding") != null
                || length != null && !length.strip().equals("0");
    }

    /** What kind of body an operation takes. */
    static String takenType(Operation operation) {
        return operation.method().equals(HttpMethod.PATCH) ? MERGE_PATCH : AdminResponse.JSON;
    }

    private void onThreadOfItsOwn(
            HttpServerRequest request, Routes.Match match, Buffer body, Optional<BodyStream> stream) {
        // A probe must be answered however much else is asked.
        boolean bounded = !match.operation().open();
        Semaphore room = match.operation().guard() ? bots : operators;
        int most = match.operation().guard() ? MOST_GUARDED_AT_ONCE : MOST_AT_ONCE;
        if (bounded && !room.tryAcquire()) {
            refuse(
                    request,
                    Problem.of(ProblemKind.BUSY, most + " requests are being answered")
                            .retryAfter(SOON));
            stream.ifPresent(BodyStream::drain);
            return;
        }
        var gone = new CompletableFuture<Void>();
        request.response().closeHandler(closed -> gone.complete(null));
        Thread.ofVirtual().name("admin").start(() -> {
            try {
                answer(request, match, body, stream, gone);
            } finally {
                stream.ifPresent(BodyStream::drain);
                if (bounded) {
                    room.release();
                }
            }
        });
    }

    private void answer(
            HttpServerRequest request,
            Routes.Match match,
            Buffer body,
            Optional<BodyStream> stream,
            CompletableFuture<Void> gone) {
        var operation = match.operation();
        try {
            var accept = Optional.ofNullable(request.getHeader("Accept")).orElse("");
            var asked = AdminRequest.of(operation, match.variables(), request.query(), accept, body.getBytes())
                    .leaving(gone);
            var answer = operation.handler().handle(stream.map(asked::with).orElse(asked));
            if (operation.results().stream().noneMatch(result -> result.status() == answer.status())) {
                log.error("{} answered {}, which its description does not have", operation.id(), answer.status());
            }
            answer.headers().forEach(request.response()::putHeader);
            send(request.response(), answer.status(), answer.mediaType(), answer.body());
        } catch (Problem.Refusal refusal) {
            var kind = refusal.problem().kind();
            if (OpenApi.possible(operation).noneMatch(kind::equals)) {
                log.error("{} refused with {}, which its description does not have", operation.id(), kind.slug());
            }
            refuse(request, refusal.problem());
        } catch (RedisUnavailableException e) {
            var problem = e.reason() == RedisUnavailableException.Reason.OUT_OF_MEMORY
                    ? "Redis has no memory left"
                    : "Redis does not answer";
            var may =
                    e.mayHaveRun() ? "; a change may have been made all the same: look again" : "; nothing was changed";
            refuse(request, Problem.of(ProblemKind.STORE, problem + may).retryAfter(SOON));
        } catch (RuntimeException | Error e) {
            // Also of an error: who asks would wait for ever for an answer that nobody writes any more.
            log.error("{} failed", operation.id(), e);
            refuse(request, Problem.of(ProblemKind.DEFECT, "see the log"));
        }
    }

    private static Future<Void> refuse(HttpServerRequest request, Problem problem) {
        return ProblemWriter.write(request.response(), problem);
    }

    static Future<Void> send(HttpServerResponse response, int status, String mediaType, String body) {
        response.setStatusCode(status)
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff");
        if (!mediaType.isEmpty()) {
            response.putHeader("Content-Type", mediaType);
        }
        return response.end(body).onFailure(gone -> log.debug("who asked had gone"));
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
}
