package dev.sluice.server.assembly;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was opened, to be closed the other way round. Thread-safe. */
final class OpenedParts implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OpenedParts.class);

    /** How to close them, the latest first. */
    private final Deque<Runnable> closings = new ArrayDeque<>();

    synchronized <T> T opened(T part, Consumer<T> closing) {
        closings.push(() -> closing.accept(part));
        return part;
    }

    /** Closes all; one that fails keeps no other from it. */
    @Override
    public synchronized void close() {
        while (!closings.isEmpty()) {
            try {
                closings.pop().run();
            } catch (RuntimeException e) {
                log.warn("a part did not close", e);
            }
        }
    }
}
