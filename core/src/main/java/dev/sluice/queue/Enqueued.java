package dev.sluice.queue;

/** What became of a {@link NewMessage}. */
public sealed interface Enqueued {
    /** It is queued. */
    record Added(MessageId id) implements Enqueued {}

    /** Its key was used for the same content before: it is that message, wherever it is by now. Nothing changed. */
    record Known(MessageId id) implements Enqueued {}

    /** Its key was used for other content. Nothing changed. */
    record Mismatch(MessageId id) implements Enqueued {}

    /**
     * The bot's queue has no room. Nothing changed.
     *
     * @param bound how many messages the queue holds at most, dead letters and unknown ones included
     */
    record Full(long bound) implements Enqueued {}
}
