package dev.sluice.delivery;

import dev.sluice.encryption.Sealer;
import dev.sluice.idempotency.IdempotencyKey;
import dev.sluice.idempotency.StoredResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Answers as kept for twins: two bytes of status, then the body; sealed, since they hold what was written to whom. If they went to a private
 * chat, the status has a bit more, and eight bytes of its user's id come between: that is how they are found when a user is forgotten.
 */
record Results(Sealer sealer, KeptAnswers kept) {
    /** What twins get of an answer that is too long to keep: that it was accepted. */
    private static final byte[] TOO_LONG = "{\"ok\":true,\"result\":true}".getBytes(StandardCharsets.UTF_8);

    /** No status has it. */
    private static final int TO_A_USER = 0x4000;

    private static final int LONGEST_BODY = StoredResult.MAX_BYTES - Sealer.OVERHEAD - Short.BYTES - Long.BYTES;

    /** An answer, and whose private chat it went to. */
    record Kept(Reply reply, OptionalLong user) {}

    /** What may be kept of the answer to a call. */
    StoredResult stored(OutboundCall call, IdempotencyKey key, Reply reply) {
        return stored(key, new Kept(kept.kept(call, reply), call.user()));
    }

    /** All of what is no answer to anybody. */
    StoredResult whole(IdempotencyKey key, Reply reply) {
        return stored(key, new Kept(reply, OptionalLong.empty()));
    }

    StoredResult stored(IdempotencyKey key, Kept answer) {
        Reply reply = answer.reply();
        byte[] body = reply.body().length > LONGEST_BODY ? TOO_LONG : reply.body();
        var bytes = ByteBuffer.allocate(Short.BYTES + (answer.user().isPresent() ? Long.BYTES : 0) + body.length);
        bytes.putShort((short) (answer.user().isPresent() ? reply.status() | TO_A_USER : reply.status()));
        answer.user().ifPresent(bytes::putLong);
        return new StoredResult(sealer.seal(context(key), bytes.put(body).array()));
    }

    /** In the place of an answer that is not kept: how it ended. */
    static Reply nothingOf(Reply reply) {
        String body = "{\"ok\":false,\"error_code\":" + reply.status() + ",\"description\":\"not kept\"}";
        return Reply.of(reply.status(), reply.isSuccess() ? TOO_LONG : body.getBytes(StandardCharsets.UTF_8));
    }

    /** The answer, or empty if it was sealed with a key that is not known here. */
    Optional<Reply> reply(IdempotencyKey key, StoredResult stored) {
        return read(key, stored).map(Kept::reply);
    }

    /** The same with its user. */
    Optional<Kept> read(IdempotencyKey key, StoredResult stored) {
        return sealer.open(context(key), stored.bytes()).map(ByteBuffer::wrap).map(bytes -> {
            int status = bytes.getShort();
            OptionalLong user = (status & TO_A_USER) == 0 ? OptionalLong.empty() : OptionalLong.of(bytes.getLong());
            byte[] body = new byte[bytes.remaining()];
            bytes.get(body);
            return new Kept(Reply.of(status & ~TO_A_USER, body), user);
        });
    }

    private static String context(IdempotencyKey key) {
        return "idempotency/" + key.tag() + "/" + key.digest();
    }
}
