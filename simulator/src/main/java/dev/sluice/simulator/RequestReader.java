package dev.sluice.simulator;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Reads the parameters of one call from wherever they are: query string, urlencoded, JSON or multipart body, merged. As in
 * Telegram's server the query is read first, and of two equal names the first counts. Runs on the request's event loop; what it
 * reads is bounded per call and over all calls.
 */
final class RequestReader {
    private static final String DEFAULT_FILE_TYPE = "application/octet-stream";

    private final HttpServerRequest request;
    private final SharedBound arriving;
    private final long most;
    private final Map<String, String> parameters = new HashMap<>();
    private final Map<String, Buffer> uploads = new HashMap<>();
    private final Map<String, UploadedFile> files = new HashMap<>();
    private final Buffer body = Buffer.buffer();
    private final Promise<ApiCall> done = Promise.promise();
    private long read;

    private RequestReader(HttpServerRequest request, SharedBound arriving, long most) {
        this.request = request;
        this.arriving = arriving;
        this.most = most;
    }

    /**
     * Starts reading.
     *
     * @param arriving body bytes of all calls under way; given back when the future completes
     * @param most body bytes of this call
     * @return fails with a {@link Refusal}, or with whatever broke the connection
     */
    static Future<ApiCall> read(HttpServerRequest request, String method, SharedBound arriving, long most) {
        RequestReader reader = new RequestReader(request, arriving, most);
        return reader.start(method).onComplete(read -> arriving.giveBack(reader.read));
    }

    private Future<ApiCall> start(String method) {
        try {
            request.params(true).forEach(parameters::putIfAbsent); // true: a semicolon is part of a text, no separator
        } catch (IllegalArgumentException malformedEscape) {
            return Future.failedFuture(Refusal.badRequest("can't parse the query string"));
        }
        if (announcedLength() > most) {
            return Future.failedFuture(Refusal.tooLarge());
        }
        String type = request.headers().get(HttpHeaders.CONTENT_TYPE);
        type = type == null ? "" : type.toLowerCase(Locale.ROOT).strip();
        request.exceptionHandler(broken -> done.tryFail(
                request.response().closed() ? broken : Refusal.badRequest("can't parse the request body")));
        if (type.startsWith("multipart/form-data") || type.startsWith("application/x-www-form-urlencoded")) {
            request.setExpectMultipart(true);
            request.uploadHandler(this::upload);
            request.handler(this::count);
            request.endHandler(end -> finishForm(method));
        } else {
            boolean json = type.startsWith("application/json");
            request.handler(chunk -> {
                if (count(chunk) && json) {
                    body.appendBuffer(chunk);
                }
            });
            request.endHandler(end -> finishJson(method));
        }
        return done.future();
    }

    /** The fields of a JSON object: strings as they are, the rest as JSON text, nulls left out. */
    static Map<String, String> parametersIn(JsonNode object) {
        Map<String, String> found = new HashMap<>();
        object.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (!value.isNull()) {
                found.put(field.getKey(), value.isString() ? value.stringValue() : value.toString());
            }
        });
        return found;
    }

    private long announcedLength() {
        try {
            String length = request.headers().get(HttpHeaders.CONTENT_LENGTH);
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return 0; // the HTTP decoder refuses such a request by itself
        }
    }

    /** Whether there is room for this chunk; past the bounds the rest of the body is thrown away as it comes. */
    private boolean count(Buffer chunk) {
        if (done.future().isComplete()) {
            return false;
        }
        if (read + chunk.length() > most || arriving.wouldExceed(chunk.length())) {
            uploads.clear();
            done.tryFail(Refusal.tooLarge());
            return false;
        }
        read += chunk.length();
        arriving.take(chunk.length());
        return true;
    }

    private void upload(HttpServerFileUpload upload) {
        Buffer bytes = Buffer.buffer();
        uploads.put(upload.name(), bytes);
        upload.handler(chunk -> {
            if (!done.future().isComplete()) {
                bytes.appendBuffer(chunk);
            }
        });
        upload.endHandler(end -> files.put(
                upload.name(),
                new UploadedFile(
                        upload.filename() == null ? "file" : upload.filename(),
                        upload.contentType() == null ? DEFAULT_FILE_TYPE : upload.contentType(),
                        bytes.getBytes())));
    }

    private void finishForm(String method) {
        if (!done.future().isComplete()) {
            request.formAttributes().forEach(parameters::putIfAbsent);
            done.tryComplete(new ApiCall(method, Map.copyOf(parameters), Map.copyOf(files)));
        }
    }

    private void finishJson(String method) {
        if (done.future().isComplete()) {
            return;
        }
        try {
            if (body.length() > 0) {
                JsonNode json = ApiAnswer.JSON.readTree(body.getBytes());
                if (!json.isObject()) {
                    throw Refusal.badRequest("object expected as JSON body");
                }
                parametersIn(json).forEach(parameters::putIfAbsent);
            }
            done.tryComplete(new ApiCall(method, Map.copyOf(parameters), Map.of()));
        } catch (Refusal refusal) {
            done.tryFail(refusal);
        } catch (JacksonException e) {
            done.tryFail(Refusal.badRequest("can't parse JSON object"));
        }
    }
}
