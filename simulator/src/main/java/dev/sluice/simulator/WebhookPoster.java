package dev.sluice.simulator;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The HTTP side of webhooks, shared by all bots. Thread-safe. */
final class WebhookPoster {
    private static final int MOST_CONNECTIONS = 100;
    private static final int MOST_ANSWER_BYTES = 1 << 20;

    /**
     * What a webhook answered.
     *
     * @param retryAfter zero if it did not ask for a wait
     * @param reply the method that it wants to be run
     */
    record Response(int status, String reason, Duration retryAfter, Optional<ApiCall> reply) {
        boolean isSuccess() {
            return status >= 200 && status < 300;
        }
    }

    private final Vertx vertx;
    private @Nullable HttpClientAgent client; // made for the first webhook: most simulators never see one
    private final Duration timeout;
    private final BotApi api;

    WebhookPoster(Vertx vertx, Duration timeout, BotApi api) {
        this.vertx = vertx;
        this.timeout = timeout;
        this.api = api;
    }

    Future<Response> post(Webhook.Target target, byte[] update) {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(target.url())
                .putHeader("content-type", "application/json");
        if (target.secret() != null) {
            options.putHeader("x-telegram-bot-api-secret-token", target.secret());
        }
        return client().request(options)
                .compose(request -> request.send(Buffer.buffer(update)).compose(this::read))
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Runs the method that a webhook answered with; its result goes nowhere, as in Telegram. */
    void execute(Bot bot, ApiCall call) {
        api.call(bot, call, Promise.promise());
    }

    void later(Duration wait, Runnable action) {
        vertx.setTimer(Math.max(1, wait.toMillis()), elapsed -> action.run());
    }

    /** The way getWebhookInfo words it. */
    static String describe(AsyncResult<Response> outcome) {
        if (outcome.succeeded()) {
            return "Wrong response from the webhook: " + outcome.result().status() + " "
                    + outcome.result().reason();
        }
        return switch (outcome.cause()) {
            case TimeoutException timedOut -> "Read timeout expired";
            case java.net.ConnectException refused -> "Connection refused";
            case java.net.UnknownHostException unknown -> "Failed to resolve host";
            default -> "Connection closed";
        };
    }

    private synchronized HttpClientAgent client() {
        if (client == null) {
            client = vertx.createHttpClient(
                    new HttpClientOptions().setTrustAll(true).setVerifyHost(false), // self-signed is what a test has
                    new PoolOptions().setHttp1MaxSize(MOST_CONNECTIONS));
        }
        return client;
    }

    private Future<Response> read(HttpClientResponse response) {
        Buffer body = Buffer.buffer();
        response.handler(chunk -> {
            if (body.length() < MOST_ANSWER_BYTES) {
                body.appendBuffer(chunk);
            }
        });
        return response.end()
                .map(end -> new Response(
                        response.statusCode(),
                        response.statusMessage(),
                        retryAfter(response),
                        replyIn(body.getBytes())));
    }

    private static Duration retryAfter(HttpClientResponse response) {
        try {
            String seconds = response.getHeader("retry-after");
            return seconds == null ? Duration.ZERO : Duration.ofSeconds(Math.max(0, Integer.parseInt(seconds.strip())));
        } catch (NumberFormatException aDate) {
            return Duration.ZERO;
        }
    }

    private Optional<ApiCall> replyIn(byte[] body) {
        try {
            JsonNode json = body.length == 0 ? null : ApiAnswer.JSON.readTree(body);
            if (json == null || !json.isObject() || !json.path("method").isString()) {
                return Optional.empty();
            }
            Map<String, String> parameters = RequestReader.parametersIn(json);
            return Optional.of(new ApiCall(api.spelling(json.get("method").stringValue()), parameters, Map.of()));
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }
}
