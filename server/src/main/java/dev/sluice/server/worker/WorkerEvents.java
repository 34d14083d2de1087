package dev.sluice.server.worker;

import dev.sluice.queue.Ending;
import dev.sluice.queue.Leased;

/** What workers do, for metrics. Called from many threads at once; implementations never block. */
public interface WorkerEvents {
    WorkerEvents NONE = new WorkerEvents() {};

    /** A message is about to be sent. */
    default void claimed(Leased message) {}

    /** Its end was written down; {@code held} is false if its lease had passed to somebody else. */
    default void settled(Ending ending, boolean held) {}

    /** Its end could not be written down; its lease ends by itself. */
    default void notSettled(Ending ending) {}
}
