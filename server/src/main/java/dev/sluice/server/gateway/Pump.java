package dev.sluice.server.gateway;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;

/** Moves bytes from one stream to another no faster than it takes them. Does not end the other. */
final class Pump {
    private Pump() {}

    /**
     * Starts; both streams belong to the current event loop.
     *
     * @param progress runs for each chunk and each drain
     * @return completes at the end of {@code from}, fails if it breaks
     */
    static Future<Void> start(ReadStream<Buffer> from, WriteStream<Buffer> to, Runnable progress) {
        Promise<Void> done = Promise.promise();
        from.exceptionHandler(done::tryFail);
        from.endHandler(end -> done.tryComplete());
        from.handler(chunk -> {
            progress.run();
            to.write(chunk);
            if (to.writeQueueFull()) {
                from.pause();
                to.drainHandler(drained -> {
                    progress.run();
                    from.resume();
                });
            }
        });
        return done.future();
    }
}
