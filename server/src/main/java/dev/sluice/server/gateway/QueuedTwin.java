package dev.sluice.server.gateway;

import dev.sluice.queue.Attempt;
import dev.sluice.queue.MessageDetails;
import dev.sluice.queue.MessageId;
import dev.sluice.redis.RedisUnavailableException;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a call is answered whose key belongs to a message of the queue: what the message's own caller would have been. */
final class QueuedTwin {
    /** How workers name what Telegram refused. */
    private static final Pattern REFUSED = Pattern.compile("refused-(4[0-9][0-9])");

    private static final int OK = 200;
    private static final int CONFLICT = 409;

    private final CallQueue queue;
    private final Method method;
    private final Optional<ChatId> chat;
    private final int cost;

    /** @param chat as the caller named it */
    QueuedTwin(CallQueue queue, Method method, Optional<ChatId> chat, int cost) {
        this.queue = queue;
        this.method = method;
        this.chat = chat;
        this.cost = cost;
    }

    /** The message is accepted already. */
    Answer accepted(MessageId message) {
        return Acceptance.of(method, chat, cost, message, queue.isDurable(message.bot()), true);
    }

    /**
     * The message has ended.
     *
     * @param pending what to answer if somebody has put it back meanwhile
     */
    Answer ended(MessageId message, Function<MessageId, Answer> pending) {
        Optional<MessageDetails> found;
        try {
            found = queue.find(message);
        } catch (RedisUnavailableException e) {
            return Answers.unavailable(
                    "what became of the message under this key cannot be read", Duration.ofSeconds(1));
        }
        return found.map(details -> answer(details, pending))
                .orElseGet(() -> unknown("what became of the message under this key is forgotten", message));
    }

    private Answer answer(MessageDetails message, Function<MessageId, Answer> pending) {
        return switch (message.state()) {
            case DELAYED, QUEUED, LEASED, RETRYING -> pending.apply(message.id());
            case SENT ->
                queue.answer(message)
                        .map(body -> new Answer(OK, body, Optional.empty(), true))
                        .orElseGet(() ->
                                accepted(message.id())); // somebody resolved it, or its answer was too long to keep
            case UNKNOWN -> unknown("the message queued under this key was not answered", message.id());
            case FAILED -> failed(message);
        };
    }

    private static Answer failed(MessageDetails message) {
        String reason = message.failedAttempts().isEmpty() ? "" : last(message).reason();
        Matcher refused = REFUSED.matcher(reason);
        if (refused.matches()) {
            return Answers.twinFailed(
                    Integer.parseInt(refused.group(1)),
                    "Telegram refused the message queued under this Idempotency-Key; not sent",
                    message.id());
        }
        String failure = message.failure().orElseThrow().name().toLowerCase(Locale.ROOT);
        return Answers.twinFailed(
                CONFLICT,
                "Conflict: the message queued under this Idempotency-Key has failed (" + failure + "); not sent",
                message.id());
    }

    private static Attempt last(MessageDetails message) {
        return message.failedAttempts().getLast();
    }

    private static Answer unknown(String why, MessageId message) {
        return Answers.unknown(why, message.toString());
    }
}
