package dev.sluice.delivery;

import dev.sluice.idempotency.StoredResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Answers as kept for twins: two bytes of status, then the body. */
final class Results {
    /** What twins get of an answer that is too long to keep: that it was accepted. */
    private static final byte[] TOO_LONG = "{\"ok\":true,\"result\":true}".getBytes(StandardCharsets.UTF_8);

    private Results() {}

    static StoredResult stored(Reply reply) {
        byte[] body = reply.body().length + Short.BYTES > StoredResult.MAX_BYTES ? TOO_LONG : reply.body();
        return new StoredResult(ByteBuffer.allocate(Short.BYTES + body.length)
                .putShort((short) reply.status())
                .put(body)
                .array());
    }

    static Reply reply(StoredResult stored) {
        byte[] bytes = stored.bytes();
        return Reply.of(ByteBuffer.wrap(bytes).getShort(), Arrays.copyOfRange(bytes, Short.BYTES, bytes.length));
    }
}
