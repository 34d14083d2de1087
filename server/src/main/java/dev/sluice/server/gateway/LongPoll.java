package dev.sluice.server.gateway;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;

/** How long a getUpdates asks Telegram to hold it. */
final class LongPoll {
    /** Telegram holds no longer, whatever is asked. */
    private static final Duration LONGEST = Duration.ofSeconds(50);

    private LongPoll() {}

    static Duration timeout(String query, HttpServerRequest request, Buffer body) {
        BodyKind kind = BodyKind.of(request.headers().get(HttpHeaders.CONTENT_TYPE));
        if (kind == BodyKind.MULTIPART) {
            return LONGEST;
        }
        try {
            String seconds =
                    ParameterReader.read(query, kind, body).text("timeout").strip();
            return seconds.isEmpty()
                    ? Duration.ZERO
                    : Duration.ofSeconds(Math.clamp(Long.parseLong(seconds), 0, LONGEST.toSeconds()));
        } catch (Refusal | NumberFormatException e) {
            return LONGEST; // Telegram will say what is wrong with it
        }
    }
}
