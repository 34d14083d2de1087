package dev.sluice.broadcast;

import dev.sluice.idempotency.Fingerprint;
import dev.sluice.redis.KeyPart;
import dev.sluice.telegram.Priority;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a draft becomes.
 *
 * @param template what its messages are made of, opaque to the store
 * @param recipients how many were added, 1 to {@link BroadcastStore#MOST_RECIPIENTS}
 * @param duplicates how many more were named and left out, since they were there already
 * @param priority of its messages
 * @param paid whether they go in the paid lane
 * @param everybody whether chats are tried that could not be reached lately
 * @param once what it must not be started twice under
 */
public record NewBroadcast(
        byte[] template,
        int recipients,
        long duplicates,
        Priority priority,
        boolean paid,
        boolean everybody,
        Optional<Once> once) {

    /**
     * A key of the caller's, digested.
     *
     * @param digest 32 to 64 characters of lower-case hex
     * @param content what tells a repeat from another broadcast under the same key
     */
    public record Once(String digest, Fingerprint content) {
        public Once {
            KeyPart.DIGEST.require("idempotency digest", digest);
        }
    }

    public NewBroadcast {
        if (recipients < 1 || recipients > BroadcastStore.MOST_RECIPIENTS) {
            throw new IllegalArgumentException(
                    "a broadcast has 1 to " + BroadcastStore.MOST_RECIPIENTS + " recipients, not " + recipients);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NewBroadcast broadcast
                && Arrays.equals(template, broadcast.template)
                && recipients == broadcast.recipients
                && duplicates == broadcast.duplicates
                && priority == broadcast.priority
                && paid == broadcast.paid
                && everybody == broadcast.everybody
                && once.equals(broadcast.once);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(template);
    }

    /** Without the template, which is nobody's business. */
    @Override
    public String toString() {
        return "NewBroadcast[" + recipients + " recipients, " + priority + "]";
    }
}
