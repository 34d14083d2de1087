package dev.sluice.delivery;

import dev.sluice.queue.MessageId;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a key's home keeps of a message that is queued in another region: which one, and where. It stands where a call's answer would, told
 * apart by a status that Telegram never answers.
 *
 * @param region in whose queue it is
 */
record QueuedElsewhere(String region, MessageId message) {
    private static final int ACCEPTED = 202;

    Reply asReply() {
        return Reply.of(ACCEPTED, (region + " " + message).getBytes(StandardCharsets.UTF_8));
    }

    /** Empty if it is an answer of Telegram's. */
    static Optional<QueuedElsewhere> of(Reply reply) {
        if (reply.status() != ACCEPTED) {
            return Optional.empty();
        }
        String text = new String(reply.body(), StandardCharsets.UTF_8);
        int space = text.indexOf(' ');
        return MessageId.parse(text.substring(space + 1))
                .map(id -> new QueuedElsewhere(text.substring(0, Math.max(0, space)), id));
    }
}
