package dev.sluice.server.gateway;

import java.time.Duration;

/**
 * What happens in the gateway, for metrics. Called from event loops and virtual threads at once: implementations are
 * thread-safe and never block.
 */
public interface GatewayEvents {
    GatewayEvents NONE = new GatewayEvents() {};

    default void requestStarted(Traffic traffic) {}

    /**
     * A request's end, whatever it was; each start has one.
     *
     * @param status the HTTP status written, 0 if the caller was gone before any
     * @param bytesIn of the body
     * @param bytesOut of the body
     */
    default void requestEnded(Traffic traffic, int status, long bytesIn, long bytesOut, Duration took) {}

    /** A caller closed its connection before it was answered. */
    default void callerLeft(Traffic traffic) {}

    /** A whole answer, or for what passes through its head. */
    default void upstreamAnswered(Traffic traffic, int status, Duration took) {}

    /**
     * No answer.
     *
     * @param reason a short word such as {@code connect}, {@code reset} or {@code timeout}
     * @param written whether a byte had been written
     */
    default void upstreamFailed(Traffic traffic, String reason, boolean written, Duration took) {}

    /** A repeatable call that passes through is tried again. */
    default void repeated() {}
}
