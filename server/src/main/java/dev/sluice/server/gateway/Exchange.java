package dev.sluice.server.gateway;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One try at the upstream: a request written once, and its whole answer. Never repeats anything, always ends. Runs on one
 * event loop.
 *
 * <pre>
 *   CONNECTING --connection--> WRITING --all written--> AWAITING --answer read--> ENDED (Heard)
 *       |                         |                        |
 *       '--> ENDED (NotReached)   '-------------------> ENDED (Unanswered)
 * </pre>
 *
 * <p>The step to WRITING is made before the first write: from then on it can no longer be proven that nothing was written.
 */
final class Exchange {
    private enum Stage {
        CONNECTING,
        WRITING,
        AWAITING,
        ENDED
    }

    private static final int CHUNK = 64 << 10;

    private final Vertx vertx;
    private final Supplier<Future<HttpClientRequest>> connect;
    private final Optional<Outgoing> body;
    private final UpstreamSettings settings;
    private final Runnable writing;
    private final Promise<Tried> result = Promise.promise();
    private Stage stage = Stage.CONNECTING;
    private @Nullable HttpClientRequest request;
    private long timer = -1;
    private long progressNanos;

    /** @param writing run right before the first byte is written; must not block */
    Exchange(
            Vertx vertx,
            Supplier<Future<HttpClientRequest>> connect,
            Optional<Outgoing> body,
            UpstreamSettings settings,
            Runnable writing) {
        this.vertx = vertx;
        this.connect = connect;
        this.body = body;
        this.settings = settings;
        this.writing = writing;
    }

    /** Starts, once. The future never fails. */
    Future<Tried> start() {
        enter(Stage.CONNECTING);
        connect.get().onComplete(this::connected);
        return result.future();
    }

    /** Ends it now, as unanswered if anything was written. */
    void abandon() {
        fail("abandoned");
    }

    private void connected(AsyncResult<HttpClientRequest> connection) {
        if (stage == Stage.ENDED) {
            if (connection.succeeded()) {
                UpstreamClient.discard(connection.result());
            }
            return;
        }
        if (connection.failed()) {
            end(new Tried.NotReached(Failures.connecting(connection.cause())));
            return;
        }
        HttpClientRequest open = connection.result();
        request = open;
        open.exceptionHandler(broken -> fail(Failures.RESET));
        open.response().onComplete(head -> {
            if (head.succeeded()) {
                readAnswer(head.result());
            } else {
                fail(Failures.RESET);
            }
        });
        writing.run();
        enter(Stage.WRITING);
        write(open);
    }

    private void write(HttpClientRequest open) {
        Outgoing outgoing = body.orElse(null);
        if (outgoing == null) {
            open.end().onSuccess(this::written);
        } else if (outgoing.memory().isPresent()) {
            open.end(outgoing.memory().get()).onSuccess(this::written);
        } else {
            open.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(outgoing.length()));
            writeFrom(outgoing, open, 0);
        }
    }

    private void writeFrom(Outgoing outgoing, HttpClientRequest open, long position) {
        if (stage != Stage.WRITING) {
            return; // answered before all was written, or broken
        }
        if (position >= outgoing.length()) {
            open.end().onSuccess(this::written);
            return;
        }
        outgoing.read(position, CHUNK).onComplete(read -> {
            if (stage != Stage.WRITING) {
                return;
            }
            if (read.failed() || read.result().length() == 0) {
                fail("spool");
                return;
            }
            long next = position + read.result().length();
            open.write(read.result()).onComplete(written -> progress());
            if (open.writeQueueFull()) {
                open.drainHandler(drained -> {
                    open.drainHandler(null);
                    writeFrom(outgoing, open, next);
                });
            } else {
                writeFrom(outgoing, open, next);
            }
        });
    }

    private void written(Void all) {
        if (stage == Stage.WRITING) {
            enter(Stage.AWAITING);
        }
    }

    private void enter(Stage next) {
        stage = next;
        progress();
        vertx.cancelTimer(timer);
        checkProgress();
    }

    private void readAnswer(HttpClientResponse response) {
        if (stage == Stage.ENDED) {
            return;
        }
        Buffer answer = Buffer.buffer();
        response.exceptionHandler(broken -> fail(Failures.TRUNCATED));
        response.handler(chunk -> {
            if (answer.length() + chunk.length() > settings.mostAnswer()) {
                fail(Failures.OVERSIZE);
            } else {
                answer.appendBuffer(chunk);
            }
        });
        response.endHandler(end -> end(new Tried.Heard(
                response.statusCode(),
                Optional.ofNullable(response.getHeader(HttpHeaders.CONTENT_TYPE)),
                Optional.ofNullable(response.getHeader("Retry-After")),
                answer.getBytes())));
    }

    private void progress() {
        progressNanos = System.nanoTime();
    }

    /** Writing may take as long as it moves; connecting and the answer have one deadline each. */
    private Duration patience() {
        return stage == Stage.CONNECTING ? settings.connectTimeout().plusMillis(500) : settings.timeout();
    }

    private void checkProgress() {
        long leftNanos = patience().toNanos() - (System.nanoTime() - progressNanos);
        if (leftNanos <= 0) {
            fail(Failures.TIMEOUT);
        } else {
            timer = vertx.setTimer(Math.max(1, Duration.ofNanos(leftNanos).toMillis()), fired -> checkProgress());
        }
    }

    private void fail(String reason) {
        end(stage == Stage.CONNECTING ? new Tried.NotReached(reason) : new Tried.Unanswered(reason));
    }

    private void end(Tried tried) {
        if (stage == Stage.ENDED) {
            return;
        }
        boolean whole = tried instanceof Tried.Heard && stage == Stage.AWAITING;
        stage = Stage.ENDED;
        vertx.cancelTimer(timer);
        HttpClientRequest open = request;
        if (open != null && !whole) {
            open.reset(); // what is half done must not go back to the pool
        }
        result.complete(tried);
    }
}
