package dev.sluice.simulator;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From HTTP requests to calls of the Bot API and back. Each request stays on its connection's event loop. */
final class HttpFrontend {
    private static final Logger LOG = LoggerFactory.getLogger(HttpFrontend.class);

    private final Bots bots;
    private final BotApi api;
    private final SharedBound arriving;
    private final long mostUploadBytes;

    HttpFrontend(Bots bots, BotApi api, SimulatorSettings.Bounds bounds) {
        this.bots = bots;
        this.api = api;
        this.arriving = new SharedBound(bounds.fileBytes());
        this.mostUploadBytes = bounds.uploadBytes();
    }

    void handle(HttpServerRequest request) {
        try {
            String path = request.path() == null ? "/" : request.path();
            if (path.startsWith("/bot")) {
                call(request, path.substring("/bot".length()));
            } else {
                write(request, ApiAnswer.of(Refusal.notFound()));
            }
        } catch (Refusal refusal) {
            write(request, ApiAnswer.of(refusal));
        }
    }

    /** @param path {@code <token>/<method>} or {@code <token>/test/<method>} */
    private void call(HttpServerRequest request, String path) {
        int slash = path.indexOf('/');
        if (slash < 0) {
            throw Refusal.notFound();
        }
        Bot bot = bots.authenticate(decode(path.substring(0, slash)));
        String name = decode(path.substring(slash + 1));
        String method = api.spelling(name.startsWith("test/") ? name.substring("test/".length()) : name);
        RequestReader.read(request, method, arriving, mostUploadBytes)
                .compose(call -> api.call(bot, call))
                .onSuccess(answer -> write(request, answer))
                .onFailure(failure -> fail(request, failure));
    }

    private void fail(HttpServerRequest request, Throwable failure) {
        if (failure instanceof Refusal refusal) {
            write(request, ApiAnswer.of(refusal));
        } else if (!request.response().closed()) {
            LOG.error("a call failed inside the simulator", failure);
            write(request, ApiAnswer.of(Refusal.of(500, "Internal Server Error")));
        }
    }

    private static void write(HttpServerRequest request, ApiAnswer answer) {
        HttpServerResponse response = request.response();
        if (response.closed() || response.ended()) {
            return;
        }
        response.setStatusCode(answer.status());
        response.putHeader("content-type", answer.contentType());
        if (answer.retryAfter() > 0) {
            response.putHeader("retry-after", Integer.toString(answer.retryAfter()));
        }
        response.end(Buffer.buffer(answer.body())).onFailure(closed -> LOG.debug("an answer found its caller gone"));
    }

    private static String decode(String part) {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformedEscape) {
            throw Refusal.notFound();
        }
    }
}
