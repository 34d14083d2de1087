package dev.sluice.delivery;

import dev.sluice.queue.MessageId;
import java.time.Duration;

/** What became of a call. */
public sealed interface Outcome {
    /** Telegram accepted it. */
    record Sent(Reply reply) implements Outcome {}

    /** It had been done, or refused, before: the first answer again. */
    record Duplicate(Reply reply) implements Outcome {}

    /** Telegram refused it for good. */
    record Refused(Reply reply) implements Outcome {}

    /**
     * Its turn did not come within its wait; withdrawn, nothing was sent.
     *
     * @param scope the limiting scope: {@code bot}, {@code chat}, {@code group}, ... or {@code waiting} when too many wait
     * @param retryAfter its earliest turn, waiters ahead included
     */
    record RateLimited(String scope, Duration retryAfter) implements Outcome {}

    /** A twin under the same key, or around an ambiguous attempt, is still in flight past this call's wait. */
    record TwinInFlight(Duration retryAfter) implements Outcome {}

    /**
     * Its key belongs to a message of the queue; this call sent nothing.
     *
     * @param message which one; what became of it the queue tells
     * @param pending whether it is still to be sent, past this call's wait
     */
    record Queued(MessageId message, boolean pending) implements Outcome {}

    /** Telegram could not be reached within the wait; nothing was written. */
    record NotReached(String reason) implements Outcome {}

    /**
     * Telegram may have it; never re-sent by itself.
     *
     * @param id names the attempt in logs
     */
    record Unknown(String reason, String id) implements Outcome {}

    /** The store that must decide is down; nothing was sent. */
    record StoreUnavailable(Duration retryAfter) implements Outcome {}

    /** The key was used for other content; nothing was sent. */
    record Mismatch() implements Outcome {}

    /** The caller left before its call was dispatched; nothing was sent. */
    record Withdrawn() implements Outcome {}
}
