package dev.sluice.queue;

import dev.sluice.idempotency.KeyStanding;

/** What became of a {@link NewMessage}. */
public sealed interface Enqueued {
    /** It is queued. */
    record Added(MessageId id) implements Enqueued {}

    /** Its key was used for the same content before: it is that message, wherever it is by now. Nothing changed. */
    record Known(MessageId id) implements Enqueued {}

    /** Its key was used for other content. Nothing changed. */
    record Mismatch(MessageId id) implements Enqueued {}

    /**
     * Its key belongs to a call that waits, or waited, for its answer: see {@code dev.sluice.delivery}. Nothing changed.
     *
     * @param standing how that call stands
     */
    record Claimed(KeyStanding standing) implements Enqueued {}

    /**
     * The bot's queue has no room. Nothing changed.
     *
     * @param bound how many messages the queue holds at most, dead letters and unknown ones included
     */
    record Full(long bound) implements Enqueued {}
}
