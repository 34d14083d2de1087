package dev.sluice.server.admin;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Optional;

/** Reads a body that is not to be larger or slower than it need be. To be used on the request's event loop. */
final class BodyReader {
    /** Far more than any resource takes. */
    static final int LARGEST = 64 << 10;

    private static final Duration LONGEST = Duration.ofSeconds(10);

    private BodyReader() {}

    /** The body, or a {@link Problem.Refusal}; after one the connection is of no further use. */
    static Future<Buffer> read(Vertx vertx, HttpServerRequest request) {
        Promise<Buffer> body = Promise.promise();
        if (announced(request).filter(length -> length > LARGEST).isPresent()) {
            return Future.failedFuture(tooLarge());
        }
        var content = Buffer.buffer();
        long timer = vertx.setTimer(
                LONGEST.toMillis(),
                late -> body.tryFail(
                        Problem.of(ProblemKind.TOO_SLOW, "it must come within " + LONGEST.toSeconds() + " s")
                                .asRefusal()));
        request.exceptionHandler(body::tryFail)
                .handler(chunk -> {
                    if (content.length() + chunk.length() > LARGEST) {
                        body.tryFail(tooLarge());
                    } else {
                        content.appendBuffer(chunk);
                    }
                })
                .endHandler(end -> body.tryComplete(content));
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
        return body.future().onComplete(read -> vertx.cancelTimer(timer));
    }

    private static Optional<Long> announced(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader("Content-Length"))
                .filter(text -> text.matches("[0-9]{1,18}"))
                .map(Long::valueOf);
    }

    private static Problem.Refusal tooLarge() {
        return Problem.of(ProblemKind.TOO_LARGE, "it may have " + LARGEST + " bytes")
                .asRefusal();
    }
}
