package dev.sluice.server.faults;

import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A message as {@code /v1/messages/{id}} shows it.
 *
 * @param reasons of its failed attempts, oldest first
 */
record MessageSeen(String state, List<String> reasons) {
    static MessageSeen of(JsonNode json) {
        return new MessageSeen(
                json.path("state").asString(),
                json.path("failed_attempts")
                        .valueStream()
                        .map(attempt -> attempt.path("reason").asString())
                        .toList());
    }

    boolean isSent() {
        return state.equals("sent");
    }

    boolean isUnknown() {
        return state.equals("unknown");
    }

    boolean hasFailed() {
        return state.equals("failed");
    }

    /** Its worker died, or was too slow to say that it lived: others may have gone before it. */
    boolean lostItsLease() {
        return reasons.contains("lease-lost");
    }
}
