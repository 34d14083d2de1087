package dev.sluice.delivery;

import dev.sluice.telegram.ChatId;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Makes one try at the upstream. Called by the pipeline only after the dispatch mark stands, and never twice at once for
 * one call.
 */
@FunctionalInterface
public interface Sender {
    /**
     * Tries once; must not repeat by itself, and must end within its own timeout.
     *
     * @param movedTo the chat to send to instead of the one in the parameters, after a migration
     * @throws InterruptedException if the thread is interrupted; then the outcome counts as unknown
     */
    Attempt send(Optional<ChatId> movedTo) throws InterruptedException;

    /**
     * When the last try's first byte was written, by {@link System#nanoTime}; empty if that is not known. Limits count from
     * the admission: the pipeline makes up for a try that was written much later.
     */
    default OptionalLong wroteAt() {
        return OptionalLong.empty();
    }
}
