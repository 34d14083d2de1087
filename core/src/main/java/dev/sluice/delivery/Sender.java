package dev.sluice.delivery;

import dev.sluice.telegram.ChatId;
import java.util.Optional;

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
}
