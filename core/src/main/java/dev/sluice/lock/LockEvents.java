package dev.sluice.lock;

import java.time.Duration;

/** Hears what becomes of locks, in this process. Thread-safe; must not block or throw. */
public interface LockEvents {
    LockEvents NONE = new LockEvents() {};

    /** @param waited how long it took */
    default void taken(Duration waited) {}

    /** Somebody else had it to the end of the wait. */
    default void busy(Duration waited) {}

    /** A holder had to be told that its lock is no longer its own. */
    default void lost() {}

    /** The store did not answer whether it is to be had. */
    default void unavailable() {}
}
