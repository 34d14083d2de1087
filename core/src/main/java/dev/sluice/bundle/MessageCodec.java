package dev.sluice.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;

/** A message as bytes: what a newer version writes an older one does not understand, and leaves to it. */
final class MessageCodec {
    private static final byte VERSION = 1;
    private static final int COMMAND = 1;
    private static final int FORWARDED = 2;
    private static final int DATA = 4;
    private static final int HEAD = 2 + 2 * Long.BYTES;

    private MessageCodec() {}

    static byte[] write(TalkMessage message) {
        byte[] text = message.text().getBytes(UTF_8);
        byte[] origin = message.forwardedFrom().orElse("").getBytes(UTF_8);
        byte[] data = message.data().orElse("").getBytes(UTF_8);
        int flags = (message.command() ? COMMAND : 0)
                | (message.forwardedFrom().isPresent() ? FORWARDED : 0)
                | (message.data().isPresent() ? DATA : 0);
        var bytes = ByteBuffer.allocate(HEAD + 3 * Integer.BYTES + text.length + origin.length + data.length)
                .put(VERSION)
                .put((byte) flags)
                .putLong(message.id())
                .putLong(message.sent().toEpochMilli());
        for (byte[] part : new byte[][] {text, origin, data}) {
            bytes.putInt(part.length).put(part);
        }
        return bytes.array();
    }

    /** Empty if this version does not understand it. */
    static Optional<TalkMessage> read(byte[] content) {
        var bytes = ByteBuffer.wrap(content);
        try {
            if (bytes.get() != VERSION) {
                return Optional.empty();
            }
            int flags = bytes.get();
            long id = bytes.getLong();
            Instant sent = Instant.ofEpochMilli(bytes.getLong());
            String text = text(bytes);
            String origin = text(bytes);
            String data = text(bytes);
            return Optional.of(new TalkMessage(
                    id,
                    sent,
                    text,
                    (flags & FORWARDED) != 0 ? Optional.of(origin) : Optional.empty(),
                    (flags & COMMAND) != 0,
                    (flags & DATA) != 0 ? Optional.of(data) : Optional.empty()));
        } catch (BufferUnderflowException | IllegalArgumentException | NegativeArraySizeException e) {
            return Optional.empty();
        }
    }

    private static String text(ByteBuffer bytes) {
        int length = bytes.getInt();
        if (length > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] text = new byte[length];
        bytes.get(text);
        return new String(text, UTF_8);
    }
}
