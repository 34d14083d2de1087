package dev.sluice.server.gateway;

import dev.sluice.idempotency.Fingerprint;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes in the body of one metered call: its raw bytes into a spool, while a multipart body is decoded and its files are
 * digested as they pass. Runs on the request's event loop.
 */
final class BodyReceiver {
    private static final Logger LOG = LoggerFactory.getLogger(BodyReceiver.class);

    /** Parameters without files; Telegram's server takes a quarter of it. */
    static final int MOST_TEXT = 4 << 20;

    private static final Pattern BOUNDARY =
            Pattern.compile(";\\s*boundary\\s*=\\s*\"?[^\\s\";]", Pattern.CASE_INSENSITIVE);
    private static final Duration LONGEST_STALL = Duration.ofSeconds(60);
    private static final String STILL_PARAMETERS = "parameters are at most " + MOST_TEXT + " bytes";

    private final HttpServerRequest request;
    private final BodyKind kind;
    private final Optional<ContentCoding> coding;
    private final Spool spool;
    private final Promise<ReceivedBody> done = Promise.promise();
    private final Map<String, Fingerprint> files = new HashMap<>();
    private long fileBytes;
    private int openFiles;
    private boolean arrived;
    private final long stallTimer;
    private boolean progress;

    private BodyReceiver(Vertx vertx, HttpServerRequest request, Spool spool) {
        this.request = request;
        this.spool = spool;
        this.kind = BodyKind.of(request.headers().get(HttpHeaders.CONTENT_TYPE));
        this.coding = ContentCoding.of(request.headers().get(HttpHeaders.CONTENT_ENCODING));
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
            return;
        }
        request.exceptionHandler(this::broken);
        if (kind == BodyKind.MULTIPART && !expectMultipart()) {
            return;
        }
        request.handler(this::chunk);
        request.endHandler(end -> ended());
    }

    private boolean expectMultipart() {
        try {
            // without a boundary the decoder would take the body for urlencoded
            if (BOUNDARY.matcher(request.headers().get(HttpHeaders.CONTENT_TYPE))
                    .find()) {
                request.setExpectMultipart(true);
                request.uploadHandler(this::upload);
                return true;
            }
        } catch (RuntimeException e) {
            LOG.debug("not decodable as multipart: {}", e.getClass().getSimpleName());
        }
        done.fail(Refusal.badRequest("can't parse multipart/form-data: it needs a boundary, and POST"));
        return false;
    }

    private void chunk(Buffer chunk) {
        progress = true;
        if (done.future().isComplete()) {
            return;
        }
        try {
            spool.append(chunk);
        } catch (Refusal refusal) {
            done.tryFail(refusal);
            return;
        }
        if (kind != BodyKind.OPAQUE && spool.length() - fileBytes > MOST_TEXT + pendingFileBytes()) {
            done.tryFail(Refusal.tooLarge(STILL_PARAMETERS));
        } else if (spool.isFull()) {
            request.pause();
            spool.whenRoom(request::resume);
        }
    }

    /** The decoder may hold back the last bytes of a chunk until it has seen whether a boundary begins there. */
    private int pendingFileBytes() {
        return openFiles > 0 ? 64 << 10 : 0;
    }

    private void upload(HttpServerFileUpload upload) {
        MessageDigest digest = Fingerprint.sha256();
        openFiles++;
        upload.exceptionHandler(this::broken);
        upload.handler(bytes -> {
            digest.update(bytes.getBytes());
            fileBytes += bytes.length();
        });
        upload.endHandler(end -> {
            files.putIfAbsent(upload.name(), new Fingerprint(HexFormat.of().formatHex(digest.digest())));
            openFiles--;
            finishIfWhole();
        });
    }

    private void ended() {
        arrived = true;
        finishIfWhole();
    }

    private void finishIfWhole() {
        if (!arrived || done.future().isComplete()) {
            return;
        }
        if (openFiles > 0
                || (kind == BodyKind.MULTIPART
                        && files.isEmpty()
                        && request.formAttributes().isEmpty()
                        && spool.length() > 0)) {
            done.tryFail(Refusal.badRequest("can't parse multipart/form-data: it ends before its last boundary"));
            return;
        }
        MultiMap form = kind == BodyKind.MULTIPART ? request.formAttributes() : MultiMap.caseInsensitiveMultiMap();
        spool.seal()
                .compose(whole -> kind.isText()
                        ? spool.read(0, Math.toIntExact(spool.length()))
                        : Future.succeededFuture(Buffer.buffer(0)))
                .onSuccess(text ->
                        done.tryComplete(new ReceivedBody(kind, coding.orElseThrow(), spool, text, form, files)))
                .onFailure(this::spoolBroken);
    }

    private void spoolBroken(Throwable failure) {
        LOG.error("a body can not be spooled: {}", failure.toString());
        Answer answer = Answers.unavailable("no room to keep the upload; not sent", Duration.ofSeconds(1));
        done.tryFail(new Refusal(answer, "no room to keep the upload"));
    }

    private void broken(Throwable failure) {
        boolean tooLong = failure.getClass().getSimpleName().startsWith("Too"); // long a field, many fields
        done.tryFail(
                request.response().closed()
                        ? failure
                        : tooLong
                                ? Refusal.tooLarge("a form's fields are too long or too many")
                                : Refusal.badRequest("can't parse the request's body"));
    }

    private void checkStall() {
        if (!progress) {
            done.tryFail(Refusal.of(408, "Request Timeout: the body stopped arriving"));
        }
        progress = false;
    }
}
