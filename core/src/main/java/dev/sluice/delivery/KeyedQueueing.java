package dev.sluice.delivery;

import dev.sluice.queue.Enqueued;
import java.time.Duration;
import java.util.function.Supplier;

/** Lets a message be queued once under its key, wherever that is decided. Thread-safe. */
@FunctionalInterface
public interface KeyedQueueing {
    /** The queue decides by itself: its keys and those of calls lie in one store. */
    KeyedQueueing BY_THE_QUEUE = (message, delay, queueing) -> queueing.get();

    /**
     * Queues a message, unless its key says otherwise.
     *
     * @param message as the guards know it
     * @param delay how long it must not be sent
     * @param queueing puts it into this region's queue, which looks at its own keys too
     * @throws dev.sluice.redis.RedisUnavailableException if a store did not answer; whether it may be queued all the same it says
     */
    Enqueued enqueue(OutboundCall message, Duration delay, Supplier<Enqueued> queueing);
}
