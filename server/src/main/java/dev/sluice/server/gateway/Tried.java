package dev.sluice.server.gateway;

import java.time.Duration;
import java.util.Optional;

/** What one {@link Exchange} came to, not yet understood. */
sealed interface Tried {
    /** A whole answer. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Heard(int status, Optional<String> contentType, Optional<String> retryAfter, byte[] body) implements Tried {}

    /** No byte was written. */
    record NotReached(String reason) implements Tried {}

    /** Something was written, and no whole answer came. */
    record Unanswered(String reason) implements Tried {}

    default void tell(GatewayEvents events, Traffic traffic, Duration took) {
        switch (this) {
            case Heard heard -> events.upstreamAnswered(traffic, heard.status(), took);
            case NotReached(String reason) -> events.upstreamFailed(traffic, reason, false, took);
            case Unanswered(String reason) -> events.upstreamFailed(traffic, reason, true, took);
        }
    }
}
