package dev.sluice.queue;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * A message's end that is to be told now.
 *
 * @param id which message
 * @param event which of its ends, from 1; the same whenever this one is told
 * @param fence what it is settled with
 * @param state what it came to: sent, failed or unknown
 * @param failure why it failed, if it did
 * @param attempts how many counted
 * @param ended when it came to that
 * @param tries how often somebody began to tell it, this time included
 * @param target as it was enqueued
 */
public record OwedCallback(
        MessageId id,
        long event,
        long fence,
        MessageState state,
        Optional<FailureClass> failure,
        int attempts,
        Instant ended,
        int tries,
        byte[] target) {

    /** When its message was. */
    public Instant accepted() {
        return MessageRecord.instant(id.number());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OwedCallback callback
                && id.equals(callback.id)
                && event == callback.event
                && fence == callback.fence
                && Arrays.equals(target, callback.target);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    /** Without the target, which may hold a secret. */
    @Override
    public String toString() {
        return "OwedCallback[" + id + " event " + event + ", " + state + ", try " + tries + "]";
    }
}
