package dev.sluice.simulator;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From HTTP requests to calls of the Bot API and back, faults included. Each request stays on its connection's event loop. */
final class HttpFrontend {
    private static final Logger LOG = LoggerFactory.getLogger(HttpFrontend.class);

    private final Vertx vertx;
    private final Answering answering;
    private final Bots bots;
    private final BotApi api;
    private final Faults faults;
    private final FileStore files;
    private final ControlApi control;
    private final SharedBound arriving;
    private final long mostUploadBytes;

    HttpFrontend(
            Vertx vertx,
            Bots bots,
            BotApi api,
            Faults faults,
            FileStore files,
            ControlApi control,
            SimulatorSettings.Bounds bounds) {
        this.vertx = vertx;
        this.answering = new Answering(vertx);
        this.bots = bots;
        this.api = api;
        this.faults = faults;
        this.files = files;
        this.control = control;
        this.arriving = new SharedBound(bounds.fileBytes());
        this.mostUploadBytes = bounds.uploadBytes();
    }

    void handle(HttpServerRequest request) {
        try {
            String path = request.path() == null ? "/" : request.path();
            if (path.startsWith("/bot")) {
                call(request, path.substring("/bot".length()));
            } else if (path.startsWith("/file/bot")) {
                download(request, path.substring("/file/bot".length()));
            } else if (path.startsWith("/simulator")) {
                control(request, path);
            } else {
                throw Refusal.notFound();
            }
        } catch (RuntimeException refusal) {
            fail(request, refusal);
        }
    }

    /** @param path {@code <token>/<method>} or {@code <token>/test/<method>} */
    private void call(HttpServerRequest request, String path) {
        int slash = slash(path);
        Bot bot = bots.authenticate(decode(path.substring(0, slash)));
        String name = decode(path.substring(slash + 1));
        String method = api.spelling(name.startsWith("test/") ? name.substring("test/".length()) : name);
        RequestReader.read(request, method, arriving, mostUploadBytes)
                .onSuccess(call -> {
                    try {
                        answer(request, bot, call);
                    } catch (RuntimeException failure) {
                        fail(request, failure);
                    }
                })
                .onFailure(failure -> fail(request, failure));
    }

    private void answer(HttpServerRequest request, Bot bot, ApiCall call) {
        @Nullable FaultEffect effect =
                faults.strike(bot.id(), call.method(), () -> api.chatIdOf(call)).orElse(null);
        switch (effect) {
            case null -> run(request, bot, call, answer -> answering.whole(request, answer));
            case FaultEffect.Latency(var wait) ->
                answering.later(wait, () -> run(request, bot, call, answer -> answering.whole(request, answer)));
            case FaultEffect.ResetBefore before -> answering.reset(request);
            case FaultEffect.ResetAfter after -> run(request, bot, call, answer -> answering.reset(request));
            case FaultEffect.HangBefore(var wait) -> answering.later(wait, () -> answering.reset(request));
            case FaultEffect.HangAfter(var wait) ->
                run(request, bot, call, answer -> answering.later(wait, () -> answering.reset(request)));
            case FaultEffect.ServerError(boolean afterEffect) ->
                error(request, bot, call, Refusal.restart(), afterEffect);
            case FaultEffect.BadGateway(boolean afterEffect) ->
                error(request, bot, call, Refusal.badGatewayHtml(), afterEffect);
            case FaultEffect.TooManyRequests(int retryAfter) ->
                error(request, bot, call, Refusal.tooManyRequests(retryAfter), false);
            case FaultEffect.TruncatedBody truncated ->
                run(request, bot, call, answer -> answering.truncated(request, answer));
            case FaultEffect.SlowAnswer(var duration) ->
                run(request, bot, call, answer -> answering.trickled(request, answer, duration));
        }
    }

    private void run(HttpServerRequest request, Bot bot, ApiCall call, Consumer<ApiAnswer> answered) {
        Context eventLoop = vertx.getOrCreateContext();
        Promise<ApiAnswer> answer = Promise.promise();
        request.response().closeHandler(gone -> answer.tryFail("the caller is gone")); // ends a long poll
        api.call(bot, call, answer);
        Future<ApiAnswer> future = answer.future();
        if (future.succeeded()) {
            answered.accept(future.result());
        } else {
            future.onSuccess(late -> eventLoop.runOnContext(now -> answered.accept(late)));
        }
    }

    private void error(HttpServerRequest request, Bot bot, ApiCall call, Refusal refusal, boolean afterEffect) {
        if (afterEffect) {
            run(request, bot, call, ignored -> answering.whole(request, ApiAnswer.of(refusal)));
        } else {
            answering.whole(request, api.refuse(bot, call, refusal));
        }
    }

    /** @param path {@code <token>/<file path>} */
    private void download(HttpServerRequest request, String path) {
        int slash = slash(path);
        Bot bot = bots.authenticate(decode(path.substring(0, slash)));
        StoredFile file =
                files.byPath(bot.id(), decode(path.substring(slash + 1))).orElseThrow(Refusal::notFound);
        answering.whole(request, new ApiAnswer(200, "application/octet-stream", file.bytes(), 0));
    }

    /** On a worker thread: a summary of a million entries takes a while. */
    private void control(HttpServerRequest request, String path) {
        String origin = request.getHeader("origin");
        if (origin != null && !origin.endsWith("://" + request.getHeader("host"))) {
            throw Refusal.forbidden("a web page of another origin has no say here");
        }
        RequestReader.read(request, path, arriving, mostUploadBytes)
                .compose(call -> vertx.executeBlocking(
                        () -> control.answer(request.method().name(), path, call)))
                .onSuccess(answer -> answering.whole(request, answer))
                .onFailure(failure -> fail(request, failure));
    }

    private void fail(HttpServerRequest request, Throwable failure) {
        if (failure instanceof Refusal refusal) {
            answering.whole(request, ApiAnswer.of(refusal));
        } else if (!request.response().closed()) {
            LOG.error("a call failed inside the simulator", failure);
            answering.whole(request, ApiAnswer.of(Refusal.of(500, "Internal Server Error")));
        }
    }

    private static int slash(String path) {
        int slash = path.indexOf('/');
        if (slash < 0) {
            throw Refusal.notFound();
        }
        return slash;
    }

    private static String decode(String part) {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformedEscape) {
            throw Refusal.notFound();
        }
    }
}
