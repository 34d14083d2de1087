package dev.sluice.server.gateway;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** A body that can be written as often as needed. Used on one event loop. */
interface Outgoing {
    long length();

    /** The whole of it, if it is in memory. */
    Optional<Buffer> memory();

    Future<Buffer> read(long position, int length);

    static Outgoing of(Buffer bytes) {
        return new Outgoing() {
            @Override
            public long length() {
                return bytes.length();
            }

            @Override
            public Optional<Buffer> memory() {
                return Optional.of(bytes);
            }

            @Override
            public Future<Buffer> read(long position, int length) {
                int from = Math.toIntExact(position);
                return Future.succeededFuture(bytes.slice(from, Math.min(bytes.length(), from + length)));
            }
        };
    }
}
