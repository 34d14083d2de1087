package dev.sluice.delivery;

import dev.sluice.telegram.ChatId;
import java.util.Optional;

/**
 * What a {@link Sender} is told about one try.
 *
 * @param movedTo the chat to send to instead of the one in the parameters, after a migration
 * @param writing to be run right before the first byte is written, on any thread, which it does not block. Limits count from
 *     the decision; a try that is written much later then counts from there. A sender that cannot tell leaves it out
 */
public record Dispatch(Optional<ChatId> movedTo, Runnable writing) {
    /** A try that nobody watches, to where the parameters say. */
    public static Dispatch unwatched() {
        return new Dispatch(Optional.empty(), () -> {});
    }
}
