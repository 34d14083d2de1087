package dev.sluice.limit;

import java.time.Duration;

/** How a wait in the {@link WaitingRoom} ended. */
public sealed interface Turn<T> {
    /** The try was decided; the ticket holds its lane until it steps aside or is closed. */
    record Came<T>(T value) implements Turn<T> {}

    /**
     * The wait was over first.
     *
     * @param bucket what held it last
     * @param retryAfter the earliest turn it could expect, those ahead in this process included
     */
    record TimedOut<T>(Bucket bucket, Duration retryAfter) implements Turn<T> {}

    /** Cancelled while waiting. */
    record Cancelled<T>() implements Turn<T> {}
}
