package dev.sluice.server.faults;

import tools.jackson.databind.JsonNode;

/** A bot's queue in numbers, as {@code /v1/queue/{bot}} tells them. */
record QueueNumbers(long accepted, long sent, long failed, long unknown, long pending) {
    static QueueNumbers of(JsonNode json) {
        return new QueueNumbers(
                json.path("accepted").asLong(),
                json.path("sent").asLong(),
                json.path("failed").valueStream().mapToLong(JsonNode::asLong).sum(),
                json.path("unknown").asLong(),
                json.path("pending").asLong());
    }

    QueueNumbers since(QueueNumbers before) {
        return new QueueNumbers(
                accepted - before.accepted,
                sent - before.sent,
                failed - before.failed,
                unknown - before.unknown,
                pending - before.pending);
    }

    QueueNumbers plus(QueueNumbers other) {
        return new QueueNumbers(
                accepted + other.accepted,
                sent + other.sent,
                failed + other.failed,
                unknown + other.unknown,
                pending + other.pending);
    }

    /**
     * The same without {@code late} messages that were unknown before and have come to an end since.
     *
     * @param ownFailed how many others failed
     */
    QueueNumbers withoutLate(long late, long ownFailed) {
        long refused = Math.clamp(failed - ownFailed, 0, late);
        return new QueueNumbers(accepted, sent - (late - refused), failed - refused, unknown + late, pending);
    }

    boolean isBalanced() {
        return accepted == sent + failed + unknown + pending;
    }
}
