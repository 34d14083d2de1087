package dev.sluice.server.gateway;

import dev.sluice.server.http.UnwantedBody;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One request, from its head to its answer: whether its caller is still there, and the one answer it gets. Used on its event
 * loop, except where said.
 */
final class Visit {
    /** A refused body up to this length is read to its end, so that the connection can be used again. */
    private static final long SHORT_BODY = 1 << 20;

    /** For the kernel to take an answer. A caller that does not read for so long counts as gone. */
    private static final Duration LONGEST_WRITE = Duration.ofSeconds(30);

    private final Vertx vertx;
    private final Context context;
    private final HttpServerRequest request;
    private final Traffic traffic;
    private final GatewayEvents events;
    private final Runnable whenOver;
    private final long beganNanos = System.nanoTime();
    private final List<Runnable> watchers = new ArrayList<>(1);
    private boolean gone;
    private boolean over;

    Visit(Vertx vertx, HttpServerRequest request, Traffic traffic, GatewayEvents events, Runnable whenOver) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.request = request;
        this.traffic = traffic;
        this.events = events;
        this.whenOver = whenOver;
        events.requestStarted(traffic);
        // the close handler tells; without these handlers it would be logged
        request.connection().exceptionHandler(broken -> {});
        request.exceptionHandler(broken -> {});
        request.response().exceptionHandler(broken -> {});
        request.response().closeHandler(closed -> left());
    }

    HttpServerRequest request() {
        return request;
    }

    Context context() {
        return context;
    }

    boolean isGone() {
        return gone;
    }

    /** Runs {@code watcher} when the caller closes its connection before it was answered, at once if it has. */
    void onLeave(Runnable watcher) {
        if (gone) {
            watcher.run();
        } else {
            watchers.add(watcher);
        }
    }

    /**
     * Answers a request that was read to its end. From any thread. Fails if the caller is gone, or does not read for {@link
     * #LONGEST_WRITE}.
     */
    Future<Void> answer(Answer answer) {
        Promise<Void> written = Promise.promise();
        context.runOnContext(run -> {
            if (gone || request.response().ended()) {
                written.fail(new HttpClosedException("the caller is gone"));
                return;
            }
            Future<Void> writing = answer.writeTo(request.response());
            writing.onSuccess(written::tryComplete).onFailure(written::tryFail);
            if (!writing.isComplete()) {
                // On the event loop, where it wakes nobody.
                var unread = new HttpClosedException("the caller does not read");
                long timer = vertx.setTimer(LONGEST_WRITE.toMillis(), fired -> written.tryFail(unread));
                writing.onComplete(over -> vertx.cancelTimer(timer));
            }
        });
        return written.future();
    }

    /** Answers at once, whatever of the body is still to come, and is over. */
    void refuse(Answer answer) {
        if (gone || request.response().ended()) {
            over();
            return;
        }
        boolean unread = !request.isEnded();
        boolean closes = unread && (expectsContinue() || announcedLength() > SHORT_BODY);
        if (closes) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        answer.writeTo(request.response()).onComplete(written -> {
            over();
            if (closes && expectsContinue()) {
                request.connection().close();
            }
        });
        if (!unread) {
            return;
        }
        if (closes) {
            UnwantedBody.discardThenClose(vertx, request);
        } else {
            UnwantedBody.discard(vertx, request);
        }
    }

    /** The request is dealt with; if nobody has answered it, nobody will. */
    void finish() {
        if (!request.response().ended()) {
            cut();
        }
        over();
    }

    /** Cuts the connection: what was begun can not be finished, or nobody is there. */
    void cut() {
        if (!gone) {
            request.connection().close();
        }
    }

    boolean expectsContinue() {
        return request.headers().contains(HttpHeaders.EXPECT, "100-continue", true);
    }

    /** The body's length, or {@link Long#MAX_VALUE} if it is not said. */
    long announcedLength() {
        String length = request.headers().get(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            return request.headers().contains(HttpHeaders.TRANSFER_ENCODING) ? Long.MAX_VALUE : 0;
        }
        try {
            return Long.parseLong(length.strip());
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE; // the decoder refuses it
        }
    }

    /** The request is dealt with; the first time counts. */
    void over() {
        if (over) {
            return;
        }
        over = true;
        watchers.clear();
        var response = request.response();
        int status = response.headWritten() ? response.getStatusCode() : 0;
        events.requestEnded(
                traffic,
                status,
                request.bytesRead(),
                response.bytesWritten(),
                Duration.ofNanos(System.nanoTime() - beganNanos));
        whenOver.run();
    }

    private void left() {
        if (gone || over) {
            return;
        }
        gone = true;
        events.callerLeft(traffic);
        List.copyOf(watchers).forEach(Runnable::run);
        watchers.clear();
    }
}
