package dev.sluice.simulator;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes answers, whole or broken. Everything runs on the request's event loop; a caller that is gone is no error. */
final class Answering {
    private static final Logger LOG = LoggerFactory.getLogger(Answering.class);
    private static final int TRICKLES = 10;

    private final Vertx vertx;

    Answering(Vertx vertx) {
        this.vertx = vertx;
    }

    void whole(HttpServerRequest request, ApiAnswer answer) {
        HttpServerResponse response = request.response();
        if (isGone(response)) {
            return;
        }
        head(response, answer);
        response.end(Buffer.buffer(answer.body())).onFailure(gone -> LOG.debug("an answer found its caller gone"));
    }

    /** The head promises the whole body; half of it comes, then the connection closes. */
    void truncated(HttpServerRequest request, ApiAnswer answer) {
        HttpServerResponse response = request.response();
        if (isGone(response)) {
            return;
        }
        head(response, answer);
        response.putHeader("content-length", Integer.toString(answer.body().length));
        response.write(Buffer.buffer(answer.body()).slice(0, answer.body().length / 2))
                .onComplete(written -> request.connection().close());
    }

    void trickled(HttpServerRequest request, ApiAnswer answer, Duration duration) {
        HttpServerResponse response = request.response();
        if (isGone(response)) {
            return;
        }
        head(response, answer);
        response.putHeader("content-length", Integer.toString(answer.body().length));
        trickle(response, Buffer.buffer(answer.body()), 0, duration.dividedBy(TRICKLES));
    }

    private void trickle(HttpServerResponse response, Buffer body, int from, Duration pause) {
        if (isGone(response)) {
            return;
        }
        int to = Math.min(body.length(), from + Math.ceilDiv(body.length(), TRICKLES));
        if (to == body.length()) {
            response.end(body.slice(from, to)).onFailure(gone -> LOG.debug("an answer found its caller gone"));
        } else {
            response.write(body.slice(from, to));
            later(pause, () -> trickle(response, body, to, pause));
        }
    }

    /** Closes with RST: SO_LINGER 0 makes the kernel throw away what it has instead of saying goodbye. */
    void reset(HttpServerRequest request) {
        if (request.connection() instanceof ConnectionBase connection) {
            Channel channel = connection.channel();
            if (channel.isOpen()) { // its caller may have lost patience first
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
                channel.close();
            }
        } else {
            request.connection().close();
        }
    }

    /** Runs an action on the current event loop, after a while. */
    void later(Duration wait, Runnable action) {
        vertx.setTimer(Math.max(1, wait.toMillis()), timer -> action.run());
    }

    private static void head(HttpServerResponse response, ApiAnswer answer) {
        response.setStatusCode(answer.status());
        response.putHeader("content-type", answer.contentType());
        if (answer.retryAfter() > 0) {
            response.putHeader("retry-after", Integer.toString(answer.retryAfter()));
        }
    }

    private static boolean isGone(HttpServerResponse response) {
        return response.closed() || response.ended();
    }
}
