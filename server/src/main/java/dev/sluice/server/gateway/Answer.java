package dev.sluice.server.gateway;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * A whole answer to a caller, always a Bot API JSON envelope.
 *
 * @param retryAfter written as {@code Retry-After} in whole seconds, rounded up
 * @param replay whether it was given to an earlier twin before
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Answer(int status, byte[] body, Optional<Duration> retryAfter, boolean replay) {
    static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
    private static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("Retry-After");
    private static final CharSequence PREFERENCE_APPLIED = HttpHeaders.createOptimized("Preference-Applied");
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final CharSequence IDEMPOTENT_REPLAY = HttpHeaders.createOptimized("Idempotent-Replay");

    /** An error that Sluice itself says. */
    static Answer error(int status, String description) {
        return new Answer(status, Envelope.error(status, description).bytes(), Optional.empty(), false);
    }

    /** Completes when the answer was handed to the connection, fails if the connection was gone. */
    Future<Void> writeTo(HttpServerResponse response) {
        response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, JSON);
        // A client that is told to come again is told when, whoever said so.
        retryAfter
                .or(() -> comesAgain() ? Optional.of(SOON) : Optional.empty())
                .ifPresent(delay -> response.putHeader(RETRY_AFTER, Long.toString(wholeSeconds(delay))));
        if (status == 202) {
            response.putHeader(PREFERENCE_APPLIED, "respond-async");
        }
        if (replay) {
            response.putHeader(IDEMPOTENT_REPLAY, "true");
        }
        return response.end(Buffer.buffer(body));
    }

    private boolean comesAgain() {
        return status == 429 || status == 503;
    }

    /** At least one second, and never less than {@code delay}. */
    static long wholeSeconds(Duration delay) {
        return Math.max(1, delay.plusNanos(999_999_999).toSeconds());
    }
}
