package dev.sluice.simulator;

import java.time.Duration;

/**
 * What goes wrong with one call. "Before" means that the call was read but had no effect; "after" that it took effect (a message
 * is in the chat and in the ledger) although its caller is not told so.
 */
public sealed interface FaultEffect {
    /** The call takes effect so much later, and is answered as usual. */
    record Latency(Duration duration) implements FaultEffect {}

    /** The connection is reset (RST) before the call has any effect. */
    record ResetBefore() implements FaultEffect {}

    /** The connection is reset (RST) after the call took effect: no answer. */
    record ResetAfter() implements FaultEffect {}

    /** Silence for {@code duration}, then a reset; without effect. */
    record HangBefore(Duration duration) implements FaultEffect {}

    /** The call takes effect; then silence for {@code duration} and a reset. */
    record HangAfter(Duration duration) implements FaultEffect {}

    /** 500 "Internal Server Error: restart", in JSON. */
    record ServerError(boolean afterEffect) implements FaultEffect {}

    /** 502 with an HTML page. */
    record BadGateway(boolean afterEffect) implements FaultEffect {}

    /** 429 without effect, whatever the limits say; it blocks nobody. */
    record TooManyRequests(int retryAfter) implements FaultEffect {
        public TooManyRequests {
            if (retryAfter < 1) {
                throw new IllegalArgumentException("retryAfter is 1 or more, not " + retryAfter);
            }
        }
    }

    /** The call takes effect; the connection is closed in the middle of the answer's body. */
    record TruncatedBody() implements FaultEffect {}

    /** The call takes effect at once; its answer trickles in over {@code duration}. */
    record SlowAnswer(Duration duration) implements FaultEffect {}
}
