package dev.sluice.server.admin;

import dev.sluice.namedlimit.NamedLimit;
import dev.sluice.namedlimit.Passage;
import java.time.Duration;

/**
 * What HTTP clients know of limits without reading a body: {@code RateLimit-Policy} and {@code RateLimit} of
 * draft-ietf-httpapi-ratelimit-headers-10, structured fields (RFC 9651) whose items are the limit's name with parameters; and
 * {@code Retry-After} (RFC 9110) where one is to wait. They count whole seconds, rounded up.
 */
final class RateLimitHeaders {
    private RateLimitHeaders() {}

    static AdminResponse on(AdminResponse response, Passage passage) {
        // The draft wants the reset at the same point in time as Retry-After, if both are there.
        AdminResponse limited = response.with("RateLimit-Policy", policy(passage.limit()));
        return switch (passage) {
            case Passage.Allowed allowed -> limited.with("RateLimit", state(allowed, allowed.resetsIn()));
            case Passage.Overlooked overlooked -> limited.with("RateLimit", state(overlooked, overlooked.retryAfter()));
            case Passage.Denied denied ->
                limited.with("RateLimit", state(denied, denied.retryAfter()))
                        .with("Retry-After", Long.toString(seconds(denied.retryAfter())));
        };
    }

    private static String policy(NamedLimit limit) {
        return quoted(limit) + ";q=" + limit.count() + ";w=" + seconds(limit.window());
    }

    private static String state(Passage passage, Duration reset) {
        return quoted(passage.limit()) + ";r=" + passage.remaining() + ";t=" + seconds(reset);
    }

    /** A limit's name has no character that a structured field's string would have to escape. */
    private static String quoted(NamedLimit limit) {
        return '"' + limit.name() + '"';
    }

    private static long seconds(Duration time) {
        return Math.max(1, time.plusNanos(999_999_999).toSeconds());
    }
}
