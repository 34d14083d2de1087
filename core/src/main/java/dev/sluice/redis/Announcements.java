package dev.sluice.redis;

import java.util.function.Consumer;

/**
 * What processes on one Redis tell each other on the spot, by its publish and subscribe. Whoever is not listening at that moment never
 * hears it, so it can only make sooner what would happen anyway.
 */
@FunctionalInterface
public interface Announcements {

    /**
     * Listens from now on, and again after each loss of the connection.
     *
     * @param heard called for each announcement, one at a time; must not block
     */
    Subscription listen(String channel, Consumer<String> heard);

    /** Somebody who listens. Thread-safe. */
    interface Subscription extends AutoCloseable {
        /** Whether announcements are heard now, as far as anybody can tell. */
        boolean isLive();

        @Override
        void close();
    }
}
