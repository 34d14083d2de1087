package dev.sluice.server.admin;

import dev.sluice.server.http.UnwantedBody;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A request's body, read by one thread while it comes: no more than {@link #AHEAD} pieces of it are in memory, and the sender
 * is held back by TCP. Its connection is of no further use. To be made on the request's event loop.
 */
final class BodyStream extends InputStream {
    private static final int AHEAD = 8;
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final Context context;
    private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private Buffer piece = Buffer.buffer();
    private int at;
    private boolean ended;

    /** On the event loop: nothing more comes. */
    private boolean over;

    private sealed interface Piece {
        record Content(Buffer bytes) implements Piece {}

        record End() implements Piece {}

        record Broken() implements Piece {}
    }

    BodyStream(Vertx vertx, HttpServerRequest request) {
        this.vertx = vertx;
        this.request = request;
        this.context = vertx.getOrCreateContext();
        request.pause();
        request.exceptionHandler(broken -> last(new Piece.Broken()))
                .handler(bytes -> pieces.add(new Piece.Content(bytes)))
                .endHandler(end -> last(new Piece.End()));
        request.response().putHeader("Connection", "close");
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
        request.fetch(AHEAD);
    }

    private void last(Piece last) {
        over = true;
        pieces.add(last);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (at == piece.length()) {
            if (ended || !next()) {
                return -1;
            }
        }
        int some = Math.min(length, piece.length() - at);
        piece.getBytes(at, at + some, into, offset);
        at += some;
        return some;
    }

    /** @return whether there is more */
    private boolean next() throws IOException {
        switch (await()) {
            case Piece.Content(Buffer bytes) -> {
                piece = bytes;
                at = 0;
                context.runOnContext(run -> request.fetch(1));
                return true;
            }
            case Piece.End end -> {
                ended = true;
                return false;
            }
            case Piece.Broken broken -> throw new IOException("the body broke off");
        }
    }

    private Piece await() throws IOException {
        try {
            Piece next = pieces.poll(SILENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (next == null) {
                throw Problem.of(ProblemKind.TOO_SLOW, "nothing came for " + SILENCE.toSeconds() + " s")
                        .asRefusal();
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Lets pass what was not read, for a while, once it was answered. */
    void drain() {
        context.runOnContext(run -> {
            if (!over) {
                UnwantedBody.discardThenClose(vertx, request);
            }
        });
    }
}
