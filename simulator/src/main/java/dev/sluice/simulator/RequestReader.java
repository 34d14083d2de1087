package dev.sluice.simulator;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
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
    private final HttpServerRequest request;
    private final SharedBound arriving;
    private final long most;
    private final Map<String, String> parameters = new HashMap<>();
    private Buffer body = Buffer.buffer();
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
     * @return fails with a {@link Refusal}
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
        String contentType = type == null ? "" : type.strip();
        request.exceptionHandler(broken -> {
            if (!request.response().headWritten()) {
                request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE); // Vert.x will
            }
            done.tryFail(Refusal.badRequest("can't read the request body"));
        });
        request.handler(this::append);
        request.endHandler(end -> finish(method, contentType));
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

    /** Past the bounds the rest of the body is thrown away as it comes. */
    private void append(Buffer chunk) {
        if (done.future().isComplete()) {
            return;
        }
        if (read + chunk.length() > most || arriving.wouldExceed(chunk.length())) {
            body = Buffer.buffer();
            done.tryFail(Refusal.tooLarge());
            return;
        }
        read += chunk.length();
        arriving.take(chunk.length());
        body.appendBuffer(chunk);
    }

    private void finish(String method, String contentType) {
        if (done.future().isComplete()) {
            return;
        }
        try {
            String type = contentType.toLowerCase(Locale.ROOT);
            Map<String, UploadedFile> files = Map.of();
            if (FormBody.isForm(type)) {
                FormBody form = FormBody.decode(contentType, body.getBytes());
                form.fields().forEach(parameters::putIfAbsent);
                files = form.files();
            } else if (type.startsWith("application/json") && body.length() > 0) {
                json(body.getBytes()).forEach(parameters::putIfAbsent);
            }
            done.tryComplete(new ApiCall(method, Map.copyOf(parameters), Map.copyOf(files)));
        } catch (RuntimeException refusal) {
            done.tryFail(refusal);
        }
    }

    private static Map<String, String> json(byte[] body) {
        try {
            JsonNode json = ApiAnswer.JSON.readTree(body);
            if (json.isObject()) {
                return parametersIn(json);
            }
        } catch (JacksonException e) {
            throw Refusal.badRequest("can't parse JSON object");
        }
        throw Refusal.badRequest("object expected as JSON body");
    }
}
