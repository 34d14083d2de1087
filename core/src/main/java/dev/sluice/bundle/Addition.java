package dev.sluice.bundle;

import java.time.Instant;

/** What became of a message that was to be bundled. */
public sealed interface Addition {
    /**
     * It is in a bundle, which will be handed over.
     *
     * @param arrival when it came, by the store's clock
     * @param shared whether every process on the store can hand it over; otherwise it is in this process' memory and ends with it
     */
    record Added(Instant arrival, boolean shared) implements Addition {}

    /**
     * A message of this id had come before, and nothing changed.
     *
     * @param arrival when
     */
    record Duplicate(Instant arrival) implements Addition {}

    /** So much of theirs, or of others, waits to be handled that there is no room; nothing changed. */
    record Full() implements Addition {}
}
