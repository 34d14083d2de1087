package dev.sluice.server.admin;

import dev.sluice.encryption.Sealer;
import dev.sluice.queue.Attempt;
import dev.sluice.queue.CallbackStatus;
import dev.sluice.queue.Change;
import dev.sluice.queue.MessageDetails;
import dev.sluice.queue.MessageId;
import dev.sluice.queue.MessageState;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.server.gateway.StoredCall;
import dev.sluice.telegram.BotId;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How queued messages are named, shown and changed. Their texts are never shown, but for what Telegram answered. */
final class MessageJson {
    static final Parameter<MessageId> ID = new Parameter<>(
            Parameter.In.PATH,
            "id",
            "The message's id.",
            Text.matching("[1-9][0-9]{0,17}-[0-9a-v]{1,11}"),
            "a message's id, such as 123456-1iq3hbv8g00",
            text -> MessageId.parse(text).orElseThrow(IllegalArgumentException::new),
            Optional.empty());
    static final Parameter<Long> BOT = Parameter.pathNumber("bot", 1, 9_999_999_999_999_999L, "The bot's id.");

    static final ProblemKind MISSING = new ProblemKind(404, "message-unknown", "There is no such message, or no more");
    static final ProblemKind IN_FLIGHT = new ProblemKind(409, "message-in-flight", "The message is being sent");
    static final ProblemKind WRONG_STATE =
            new ProblemKind(409, "message-state", "The message is in a state that does not allow it");

    private static final long MOST = Long.MAX_VALUE;
    private static final Shape ATTEMPT = Fields.of(
            Field.required("ended", Text.time(), "When."),
            Field.required("reason", Text.any(), "The class of reasons, such as refused-403."));
    private static final Shape CALLBACK = Fields.of(
            Field.required("state", Text.matching("to-come|owed|told|given-up"), "How it stands."),
            Field.required("tries", new Whole(0, MOST), "How often its receiver was called."),
            Field.required("reason", new OrNull(Text.any()), "Why it was not heard, such as http-500."),
            Field.required("next", new OrNull(Text.time()), "When it is called again, or the present call given up."));
    static final Shape SHAPE = new Shape.Named(
            "Message",
            Fields.of(
                    Field.required("id", ID.shape(), ID.description()),
                    Field.required("bot", BOT.shape(), BOT.description()),
                    Field.required("method", new OrNull(Text.any()), "What is called; null once it was sent."),
                    Field.required(
                            "state",
                            Text.matching("delayed|queued|leased|retrying|sent|failed|unknown"),
                            "Where it is."),
                    Field.required("failure", new OrNull(Text.any()), "Why it failed."),
                    Field.required("chat", Text.any(), "The chat's id, ~ and a digest for a name, - for none."),
                    Field.required("priority", Text.matching("high|normal|low"), "How urgent it is."),
                    Field.required("cost", new Whole(1, 10_000), "In messages."),
                    Field.required("policy", Text.matching("at-most-once|at-least-once"), "If nobody knows."),
                    Field.required("attempts", new Whole(0, MOST), "How many counted."),
                    Field.required("failed_attempts", new ListOf(ATTEMPT, Attempt.KEPT), "The last, oldest first."),
                    Field.required("accepted", Text.time(), "When it was."),
                    Field.required(
                            "until",
                            new OrNull(Text.time()),
                            "When it is due, tried again, or its lease ends; of one that has ended, when it did."),
                    Field.required("deadline", new OrNull(Text.time()), "When it is not worth sending any more."),
                    Field.required(
                            "result", new OrNull(new Shape.AnyObject()), "What Telegram answered, if it was sent."),
                    Field.optional(
                            "callback",
                            new OrNull(CALLBACK),
                            "Of a message that is asked for by itself; null if nobody is to be told of it.")));

    private MessageJson() {}

    static BotId bot(AdminRequest request) {
        return new BotId(request.get(BOT));
    }

    static Problem missing() {
        return Problem.of(MISSING, "what has ended is remembered for a while only");
    }

    /** Nothing if it was done. @throws Problem.Refusal otherwise */
    static AdminResponse answer(Change change) {
        return switch (change) {
            case DONE, UNKNOWN -> AdminResponse.noContent();
            case IN_FLIGHT -> throw Problem.of(IN_FLIGHT, "nothing was changed").asRefusal();
            case NOT_POSSIBLE ->
                throw Problem.of(WRONG_STATE, "nothing was changed").asRefusal();
            case ABSENT -> throw missing().asRefusal();
        };
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Map<String, Object> of(MessageDetails message, Sealer sealer) {
        var json = new LinkedHashMap<String, Object>();
        json.put("id", message.id().toString());
        json.put("bot", message.id().bot().value());
        json.put("method", method(message, sealer));
        json.put("state", word(message.state()));
        json.put("failure", message.failure().map(MessageJson::word).orElse(null));
        json.put("chat", message.chat());
        json.put("priority", word(message.priority()));
        json.put("cost", message.cost());
        json.put("policy", word(message.policy()));
        json.put("attempts", message.attempts());
        json.put(
                "failed_attempts",
                message.failedAttempts().stream()
                        .map(attempt -> Map.of("ended", attempt.ended().toString(), "reason", attempt.reason()))
                        .toList());
        json.put("accepted", message.accepted().toString());
        json.put("until", message.until().map(Instant::toString).orElse(null));
        json.put("deadline", message.deadline().map(Instant::toString).orElse(null));
        json.put("result", result(message, sealer));
        return json;
    }

    static Map<String, Object> of(CallbackStatus callback) {
        var json = new LinkedHashMap<String, Object>();
        json.put("state", word(callback.standing()));
        json.put("tries", callback.tries());
        json.put("reason", callback.reason().orElse(null));
        json.put("next", callback.next().map(Instant::toString).orElse(null));
        return json;
    }

    private static @Nullable String method(MessageDetails message, Sealer sealer) {
        return message.state() == MessageState.SENT
                ? null
                : StoredCall.open(sealer, message.id().bot(), message.content())
                        .map(call -> call.method().name())
                        .orElse(null);
    }

    private static @Nullable JsonNode result(MessageDetails message, Sealer sealer) {
        if (message.state() != MessageState.SENT) {
            return null;
        }
        try {
            return StoredCall.openResult(sealer, message.id().bot(), message.content())
                    .map(JsonMapper.shared()::readTree)
                    .filter(JsonNode::isObject)
                    .orElse(null);
        } catch (JacksonException e) {
            return null;
        }
    }
}
