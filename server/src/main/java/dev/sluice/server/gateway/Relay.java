package dev.sluice.server.gateway;

import dev.sluice.delivery.Reply;
import dev.sluice.server.gateway.Route.Account;
import io.vertx.core.AsyncResult;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The life of a request that passes through: streamed both ways on the event loop, neither faster than the slower side. A call
 * that may be repeated is, after a connect failure or a 5xx, if its body is short enough to be kept.
 */
final class Relay {
    /** Bodies of calls that pass through are a few parameters; what is longer is streamed, and sent once. */
    private static final int KEPT_BODY = 64 << 10;

    private static final Duration LONGEST_STALL = Duration.ofSeconds(60);
    private static final String LATE = "Request Timeout: the body stopped arriving";

    private final Parts parts;
    private final Vertx vertx;
    private final Visit visit;
    private final HttpServerRequest request;
    private final Passing passing;
    private final MultiMap headers;
    private final long beganNanos = System.nanoTime();

    private @Nullable Buffer kept;
    private int repeated;
    private @Nullable HttpClientRequest upstream;
    private boolean written;
    private boolean answering;
    private boolean ended;
    private long triedNanos;
    private long progressNanos;
    private Duration patience;
    private long timer = -1;
    private long repeatTimer = -1;

    /**
     * What is passed through.
     *
     * @param account whose token it bears
     * @param uri below the Bot API's URL
     * @param call the call it is; empty for a download
     */
    record Passing(Account account, String uri, Optional<Route.Call> call) {
        Traffic traffic() {
            return call.isPresent() ? Traffic.PASSED : Traffic.DOWNLOAD;
        }

        boolean isRepeatable() {
            return call.map(c -> c.method().isRepeatable()).orElse(true);
        }

        boolean is(String method) {
            return call.filter(c -> c.method().canonical().equals(method)).isPresent();
        }
    }

    Relay(Parts parts, Visit visit, Passing passing) {
        this.parts = parts;
        this.vertx = parts.vertx();
        this.visit = visit;
        this.request = visit.request();
        this.passing = passing;
        this.headers = HeaderFilter.request(request.headers());
        this.patience = parts.upstream().settings().timeout();
    }

    void begin() {
        if (parts.tokens().isRefused(passing.account())) {
            visit.refuse(Answer.error(401, "Unauthorized"));
            return;
        }
        visit.onLeave(this::abandon);
        if (visit.expectsContinue()) {
            request.response().writeContinue();
        }
        if (visit.announcedLength() == 0) {
            keep(Buffer.buffer()); // most calls that pass through: no need to wait for what does not come
        } else if (visit.announcedLength() <= KEPT_BODY) {
            timer = vertx.setTimer(LONGEST_STALL.toMillis(), fired -> finish(Answer.error(408, LATE)));
            request.body().onSuccess(this::keep).onFailure(broken -> end());
        } else {
            request.pause();
            connect();
        }
    }

    private void keep(Buffer body) {
        if (ended) {
            return;
        }
        vertx.cancelTimer(timer);
        kept = body;
        patience = patienceFor(body);
        connect();
    }

    /** A long poll is answered when its own timeout has passed, unless something happens before. */
    private Duration patienceFor(Buffer body) {
        UpstreamSettings settings = parts.upstream().settings();
        if (!passing.is("getupdates")) {
            return settings.timeout();
        }
        Duration poll = LongPoll.timeout(passing.call().orElseThrow().query(), request, body)
                .plus(settings.longPollMargin());
        return poll.compareTo(settings.timeout()) > 0 ? poll : settings.timeout();
    }

    private void connect() {
        written = false;
        triedNanos = System.nanoTime();
        progress();
        parts.upstream().open(request.method(), passing.uri(), headers).onComplete(this::connected);
    }

    private void connected(AsyncResult<HttpClientRequest> connection) {
        if (ended) {
            if (connection.succeeded()) {
                UpstreamClient.discard(connection.result());
            }
            return;
        }
        if (connection.failed()) {
            failed(Failures.connecting(connection.cause()));
            return;
        }
        HttpClientRequest open = connection.result();
        upstream = open;
        open.exceptionHandler(broken -> failedOn(open));
        open.response().onSuccess(this::answered).onFailure(broken -> failedOn(open));
        watch();
        written = true;
        Buffer body = kept;
        if (body == null) {
            stream(open);
        } else if (body.length() == 0 && !request.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            open.end();
        } else {
            open.end(body);
        }
    }

    private void stream(HttpClientRequest open) {
        String length = request.headers().get(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            open.setChunked(true);
        } else {
            open.putHeader(HttpHeaders.CONTENT_LENGTH, length);
        }
        Pump.start(request, open, this::progress).onSuccess(end -> open.end()).onFailure(broken -> {
            if (!ended) {
                drop();
                finish(Answer.error(400, "Bad Request: can't parse the request's body"));
            }
        });
        request.resume();
    }

    private void answered(HttpClientResponse response) {
        response.exceptionHandler(broken -> {}); // of one that is dropped unread, it would be logged
        if (ended || answering) {
            return;
        }
        parts.events().upstreamAnswered(passing.traffic(), response.statusCode(), since(triedNanos));
        if (response.statusCode() >= 500 && repeat()) {
            return;
        }
        answering = true;
        patience = parts.upstream().settings().timeout();
        progress();
        learn(response.statusCode());
        if (passing.call().isPresent() && !isJson(response)) {
            drop();
            finish(asAnswer(ReplyReader.notJson(response.statusCode())));
        } else {
            copy(response, request.response());
        }
    }

    private void learn(int status) {
        if (passing.call().isPresent() && status == 401) {
            parts.tokens().refuse(passing.account());
        } else if (passing.is("getme") && status == 200) {
            parts.tokens().trust(passing.account());
        }
    }

    private void copy(HttpClientResponse from, HttpServerResponse to) {
        to.setStatusCode(from.statusCode());
        to.headers().addAll(HeaderFilter.response(from.headers()));
        String length = from.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null) {
            to.putHeader(HttpHeaders.CONTENT_LENGTH, length);
        } else if (from.statusCode() != 204 && from.statusCode() != 304) {
            to.setChunked(true);
        }
        Pump.start(from, to, this::progress).compose(end -> to.end()).onComplete(copied -> {
            if (copied.failed() || !request.isEnded()) {
                drop(); // half an answer must not look like a whole one, nor half a request stay behind
                visit.cut();
            }
            end();
        });
    }

    /** Breaks of connections that were dropped, or are being copied from, are old news. */
    @SuppressWarnings("ReferenceEquality") // this very request, not one like it
    private void failedOn(HttpClientRequest open) {
        if (open == upstream && !answering) {
            failed(Failures.RESET);
        }
    }

    private void failed(String reason) {
        if (ended) {
            return;
        }
        parts.events().upstreamFailed(passing.traffic(), reason, written, since(triedNanos));
        boolean timedOut = written && reason.equals(Failures.TIMEOUT);
        if (!timedOut && repeat()) {
            return;
        }
        drop();
        finish(failure(reason, timedOut));
    }

    private Answer failure(String reason, boolean timedOut) {
        if (!written) {
            return Answers.notReached(reason);
        }
        if (!passing.isRepeatable()) {
            return Answers.unknown(reason, UUID.randomUUID().toString());
        }
        return timedOut
                ? Answer.error(504, "Gateway Timeout: Telegram did not answer")
                : Answer.error(502, "Bad Gateway: Telegram broke the connection (" + reason + ")");
    }

    private boolean repeat() {
        if (kept == null || !passing.isRepeatable()) {
            return false;
        }
        Optional<Duration> delay =
                parts.settings().repetition().delay(repeated, since(beganNanos), ThreadLocalRandom.current());
        if (delay.isEmpty()) {
            return false;
        }
        drop();
        repeated++;
        parts.events().repeated();
        repeatTimer = vertx.setTimer(Math.max(1, delay.get().toMillis()), fired -> {
            if (!ended) {
                connect();
            }
        });
        return true;
    }

    private void finish(Answer answer) {
        ended = true;
        stopTimers();
        visit.refuse(answer);
    }

    private void end() {
        ended = true;
        stopTimers();
        visit.over();
    }

    private void abandon() {
        drop();
        end();
    }

    /** Forgets the connection of this try; what is half done must not go back to the pool. */
    private void drop() {
        HttpClientRequest open = upstream;
        upstream = null;
        vertx.cancelTimer(timer);
        if (open != null) {
            open.reset();
        }
    }

    private void watch() {
        vertx.cancelTimer(timer);
        long leftMillis = patience.minus(since(progressNanos)).toMillis();
        if (leftMillis > 0) {
            timer = vertx.setTimer(leftMillis, fired -> watch());
        } else if (answering) {
            drop();
            visit.cut();
            end();
        } else {
            failed(Failures.TIMEOUT);
        }
    }

    private void progress() {
        progressNanos = System.nanoTime();
    }

    private void stopTimers() {
        vertx.cancelTimer(timer);
        vertx.cancelTimer(repeatTimer);
    }

    private static Answer asAnswer(Reply reply) {
        return new Answer(reply.status(), reply.body(), Optional.empty(), false);
    }

    private static boolean isJson(HttpClientResponse response) {
        String type = response.getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null && type.toLowerCase(Locale.ROOT).contains("json");
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
