package dev.sluice.server.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;

/**
 * What is still to come of a body when its request has been answered. Many clients write all of it before they read, and a
 * connection that is closed with bytes unread is reset, answer and all (RFC 9112, section 9.6): so it is let pass, within bounds.
 */
public final class UnwantedBody {
    /** More than Telegram takes: who sends that much and reads nothing is not stopped by courtesy. */
    private static final long MOST = 128L << 20;

    /** Silence of so long means that the sender waits for us. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

    private static final int MOST_LOOKS = 5;

    private UnwantedBody() {}

    /** Reads the rest, so that the connection can be used again; closes it if that is too much or takes too long. */
    public static void discard(Vertx vertx, HttpServerRequest request) {
        discard(vertx, request, () -> {});
    }

    /** Reads the rest as far as it comes within the bounds, and closes the connection, behind what was written to it. */
    public static void discardThenClose(Vertx vertx, HttpServerRequest request) {
        discard(vertx, request, () -> request.connection().close());
    }

    /** On the request's event loop, whose handlers are set anew. */
    private static void discard(Vertx vertx, HttpServerRequest request, Runnable atEnd) {
        if (request.isEnded()) {
            atEnd.run();
            return;
        }
        var passed = new Passed();
        long timer = vertx.setPeriodic(LOOK_EVERY.toMillis(), look -> {
            if (passed.isSilent() || passed.looks == MOST_LOOKS) {
                request.connection().close();
            }
        });
        request.handler(chunk -> {
            passed.bytes += chunk.length();
            if (passed.bytes > MOST) {
                request.connection().close();
            }
        });
        request.endHandler(end -> {
            vertx.cancelTimer(timer);
            atEnd.run();
        });
        request.exceptionHandler(broken -> vertx.cancelTimer(timer));
        request.resume();
    }

    private static final class Passed {
        long bytes;
        int looks;
        private long before;

        boolean isSilent() {
            looks++;
            boolean silent = bytes == before;
            before = bytes;
            return silent;
        }
    }
}
