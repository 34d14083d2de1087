package dev.sluice.delivery;

import dev.sluice.encryption.Sealer;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.StoredResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Answers as kept for twins: two bytes of status, then the body; sealed, since they hold what was written to whom. */
record Results(Sealer sealer, KeptAnswers kept) {
    /** What twins get of an answer that is too long to keep: that it was accepted. */
    private static final byte[] TOO_LONG = "{\"ok\":true,\"result\":true}".getBytes(StandardCharsets.UTF_8);

    private static final int LONGEST_BODY = StoredResult.MAX_BYTES - Sealer.OVERHEAD - Short.BYTES;

    /** What may be kept of the answer to a call. */
    StoredResult stored(OutboundCall call, IdempotencyKey key, Reply reply) {
        return stored(key, kept.kept(call, reply));
    }

    /** All of it. */
    StoredResult stored(IdempotencyKey key, Reply reply) {
        byte[] body = reply.body().length > LONGEST_BODY ? TOO_LONG : reply.body();
        return new StoredResult(sealer.seal(
                context(key),
                ByteBuffer.allocate(Short.BYTES + body.length)
                        .putShort((short) reply.status())
                        .put(body)
                        .array()));
    }

    /** The answer, or empty if it was sealed with a key that is not known here. */
    Optional<Reply> reply(IdempotencyKey key, StoredResult stored) {
        return sealer.open(context(key), stored.bytes())
                .map(bytes -> Reply.of(
                        ByteBuffer.wrap(bytes).getShort(), Arrays.copyOfRange(bytes, Short.BYTES, bytes.length)));
    }

    private static String context(IdempotencyKey key) {
        return "idempotency/" + key.tag() + "/" + key.digest();
    }
}
