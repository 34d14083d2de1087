package dev.sluice.server.gateway;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes in the body of one metered call: its raw bytes into a spool, while a multipart body is read and its files are digested
 * as they pass. Runs on the request's event loop.
 */
final class BodyReceiver {
    private static final Logger LOG = LoggerFactory.getLogger(BodyReceiver.class);

    /** Parameters without files; Telegram's server takes a quarter of it. */
    static final int MOST_TEXT = 4 << 20;

    private static final Duration LONGEST_STALL = Duration.ofSeconds(60);

    private final HttpServerRequest request;
    private final BodyKind kind;
    private final Optional<ContentCoding> coding;
    private final Optional<MultipartScanner> multipart;
    private final Spool spool;
    private final Promise<ReceivedBody> done = Promise.promise();
    private final long stallTimer;
    private boolean progress;

    private BodyReceiver(Vertx vertx, HttpServerRequest request, Spool spool) {
        String type = request.headers().get(HttpHeaders.CONTENT_TYPE);
        this.request = request;
        this.spool = spool;
        this.kind = BodyKind.of(type);
        this.coding = ContentCoding.of(request.headers().get(HttpHeaders.CONTENT_ENCODING));
        this.multipart = kind == BodyKind.MULTIPART ? MultipartScanner.of(type, MOST_TEXT) : Optional.empty();
        this.stallTimer = vertx.setPeriodic(LONGEST_STALL.toMillis(), timer -> checkStall());
    }

    /**
     * Starts receiving. The spool stays the caller's to close.
     *
     * @return fails with a {@link Refusal}, or with whatever broke the connection
     */
    static Future<ReceivedBody> receive(Vertx vertx, HttpServerRequest request, Spool spool) {
        var receiver = new BodyReceiver(vertx, request, spool);
        receiver.start();
        return receiver.done.future().onComplete(received -> vertx.cancelTimer(receiver.stallTimer));
    }

    private void start() {
        if (coding.isEmpty() || (coding.get() != ContentCoding.IDENTITY && !kind.isText())) {
            done.fail(Refusal.of(
                    415, "Unsupported Media Type: a body may be gzip or deflate if it is JSON or urlencoded"));
        } else if (kind == BodyKind.MULTIPART && multipart.isEmpty()) {
            done.fail(Refusal.badRequest("can't parse multipart/form-data: its content type names no boundary"));
        } else {
            request.exceptionHandler(this::broken);
            request.handler(this::chunk);
            request.endHandler(end -> ended());
        }
    }

    private void chunk(Buffer chunk) {
        progress = true;
        if (done.future().isComplete()) {
            return;
        }
        try {
            spool.append(chunk);
            if (kind.isText() && spool.length() > MOST_TEXT) {
                throw Refusal.tooLarge("parameters are at most " + MOST_TEXT + " bytes");
            }
            multipart.ifPresent(scanner -> scanner.feed(chunk.getBytes()));
        } catch (Refusal refusal) {
            done.tryFail(refusal);
            return;
        }
        if (spool.isFull()) {
            request.pause();
            spool.whenRoom(request::resume);
        }
    }

    private void ended() {
        if (done.future().isComplete()) {
            return;
        }
        MultipartForm form;
        try {
            form = multipart.map(MultipartScanner::end).orElse(MultipartForm.EMPTY);
        } catch (Refusal refusal) {
            done.tryFail(refusal);
            return;
        }
        spool.seal()
                .compose(whole -> kind.isText()
                        ? spool.read(0, Math.toIntExact(spool.length()))
                        : Future.succeededFuture(Buffer.buffer(0)))
                .onSuccess(text -> done.tryComplete(new ReceivedBody(kind, coding.orElseThrow(), spool, text, form)))
                .onFailure(this::spoolBroken);
    }

    private void spoolBroken(Throwable failure) {
        LOG.error("a body can not be spooled: {}", failure.toString());
        Answer answer = Answers.unavailable("no room to keep the upload; not sent", Duration.ofSeconds(1));
        done.tryFail(new Refusal(answer, "no room to keep the upload"));
    }

    private void broken(Throwable failure) {
        done.tryFail(request.response().closed() ? failure : Refusal.badRequest("can't parse the request's body"));
    }

    private void checkStall() {
        if (!progress) {
            done.tryFail(Refusal.of(408, "Request Timeout: the body stopped arriving"));
        }
        progress = false;
    }
}
