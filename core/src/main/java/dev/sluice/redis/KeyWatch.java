package dev.sluice.redis;

import java.util.List;

/**
 * Where a process hears that keys of Redis changed, so that it may keep copies of them. While nothing is heard, and after each loss
 * of the link, copies can be old: {@link Watcher} is told of both.
 */
@FunctionalInterface
public interface KeyWatch {

    /**
     * Watches from now on, and again after each loss of the link, until closed.
     *
     * @param prefixes which keys; none may begin with another
     * @param channel what else is listened to, for those who cannot be told of keys
     */
    Watch watch(List<String> prefixes, String channel, Watcher watcher);

    /** The link. Thread-safe. */
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /** Who is told. Called by one thread at a time for each link, and must not block. */
    interface Watcher {
        /**
         * All that happens from here on is heard. What happened before may have been missed.
         *
         * @param tracked whether keys that change, expire or are dropped are told, too; else only the channel is heard
         */
        void attached(boolean tracked);

        /** Nothing may be heard any more. Said at most 1.5 s after Redis fell silent, and at once if the connection broke. */
        void detached();

        /** A key was written, removed, has expired or was evicted. */
        void changed(String key);

        /** All keys are gone. */
        void flushed();

        /** Somebody said so on the channel. */
        void heard(String message);
    }
}
