package dev.sluice.benchmarks;

import java.io.IOException;

/**
 * A queue on a Redis of its own that is asked to take messages in and to be done with them. One thread at a time.
 *
 * <p>Every message has the same payload, and goes to a bot in turn and to one of its chats at random.
 */
interface QueuePeer extends AutoCloseable {
    /** One queue each. */
    int BOTS = 50;

    /** About a sendMessage with a short text, its chat included. */
    int PAYLOAD_BYTES = 120;

    String name();

    BenchmarkRedis redis();

    /** Enqueues so many messages, {@code batch} in one step of Redis or one call of the library. */
    Work add(int messages, int batch) throws Exception;

    /** Takes messages out, sends nothing, and settles them, until so many are done. */
    Work finish(int messages, int batch) throws Exception;

    /** Both at once. */
    Work flow(int messages, int batch) throws Exception;

    @Override
    void close() throws IOException;

    /**
     * What was done.
     *
     * @param messages as many as was asked for, or some more
     */
    record Work(int messages, double seconds) {}
}
