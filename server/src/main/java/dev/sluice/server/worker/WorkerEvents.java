package dev.sluice.server.worker;

import dev.sluice.queue.Ending;
import dev.sluice.queue.Leased;

/** What workers do, for metrics. Called from many threads at once; implementations never block. */
public interface WorkerEvents {
    WorkerEvents NONE = new WorkerEvents() {};

    /** A message is about to be sent. */
    default void claimed(Leased message) {}

    /** A message was claimed that a limit of this scope would have held, were it not in shadow mode. */
    default void shadowDenied(String scope) {}

    /** Its end was written down; {@code held} is false if its lease had passed to somebody else. */
    default void settled(Ending ending, boolean held) {}

    /** Its end could not be written down; its lease ends by itself. */
    default void notSettled(Ending ending) {}
}
