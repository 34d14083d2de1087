package dev.sluice.fsm;

import java.util.Optional;

/** What became of a write. */
public sealed interface FsmAnswer {
    /**
     * It is done.
     *
     * @param version that it has now
     * @param before the state that it had
     */
    record Changed(long version, Optional<String> before) implements FsmAnswer {}

    /**
     * State or version were not those expected; nothing was changed.
     *
     * @param version and {@code state}: as they are
     */
    record Unexpected(long version, Optional<String> state) implements FsmAnswer {}

    /**
     * Somebody with a greater fence was there; nothing was changed. The lock was lost: stop.
     *
     * @param fence the greatest that was seen
     */
    record Overtaken(long fence) implements FsmAnswer {}
}
