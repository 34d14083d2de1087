package dev.sluice.delivery;

import dev.sluice.telegram.ChatId;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * An upstream's answer, with what the guards understand of it already read out.
 *
 * @param status the HTTP status
 * @param body the answer's bytes, always a Bot API JSON envelope (the sender turns anything else into one)
 * @param retryAfter with a 429: how long to stay away
 * @param migrateTo with a 400: the chat's new id
 * @param chat the id of the chat that the result names, when there is one
 */
public record Reply(
        int status, byte[] body, Optional<Duration> retryAfter, Optional<ChatId> migrateTo, Optional<ChatId> chat) {

    /** A plain answer. */
    public static Reply of(int status, byte[] body) {
        return new Reply(status, body, Optional.empty(), Optional.empty(), Optional.empty());
    }

    public boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Reply reply
                && reply.status == status
                && Arrays.equals(reply.body, body)
                && reply.retryAfter.equals(retryAfter)
                && reply.migrateTo.equals(migrateTo)
                && reply.chat.equals(chat);
    }

    @Override
    public int hashCode() {
        return 31 * status + Arrays.hashCode(body);
    }

    @Override
    public String toString() {
        return "Reply[" + status + ", " + body.length + " bytes]";
    }
}
