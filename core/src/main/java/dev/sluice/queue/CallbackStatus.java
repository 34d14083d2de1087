package dev.sluice.queue;

import java.time.Instant;
import java.util.Optional;

/**
 * How the callback of a message stands.
 *
 * @param tries how often its last end was told, heard or not
 * @param reason why the last try was not heard
 * @param next when it is tried, or the present try is given up
 */
public record CallbackStatus(Standing standing, int tries, Optional<String> reason, Optional<Instant> next) {

    /** What is to be done. */
    public enum Standing {
        /** Nothing, until the message ends. */
        TO_COME,
        /** It is to be told. */
        OWED,
        /** Its receiver has heard it. */
        TOLD,
        /** Its receiver did not want it, or was not reached for too long. */
        GIVEN_UP
    }
}
