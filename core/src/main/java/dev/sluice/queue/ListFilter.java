package dev.sluice.queue;

import dev.sluice.redis.KeyPart;
import dev.sluice.telegram.ChatId;
import java.time.Instant;
import java.util.Optional;

/**
 * Which of the dead letters or unknown messages are meant.
 *
 * @param chat only this chat's
 * @param reason only those whose last attempt ended for this class of reasons
 * @param from only those that came there at this time or later
 * @param until only those that came there before
 */
public record ListFilter(
        Optional<ChatId> chat, Optional<String> reason, Optional<Instant> from, Optional<Instant> until) {
    public static final ListFilter ALL =
            new ListFilter(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    public ListFilter {
        reason.ifPresent(text -> KeyPart.SCOPE.require("class of reasons", text));
    }

    public ListFilter ofChat(ChatId newChat) {
        return new ListFilter(Optional.of(newChat), reason, from, until);
    }

    public ListFilter because(String newReason) {
        return new ListFilter(chat, Optional.of(newReason), from, until);
    }

    public ListFilter since(Instant newFrom) {
        return new ListFilter(chat, reason, Optional.of(newFrom), until);
    }

    public ListFilter before(Instant newUntil) {
        return new ListFilter(chat, reason, from, Optional.of(newUntil));
    }
}
