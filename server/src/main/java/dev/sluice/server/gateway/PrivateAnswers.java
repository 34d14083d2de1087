package dev.sluice.server.gateway;

import dev.sluice.delivery.Attempt;
import dev.sluice.delivery.KeptAnswers;
import dev.sluice.delivery.OutboundCall;
import dev.sluice.delivery.Reply;
import dev.sluice.privacy.PrivacyLevel;
import dev.sluice.privacy.PrivacyLevels;
import dev.sluice.telegram.ChatId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is kept of Telegram's answers: all, but of those to users of whom no text may be kept, since Telegram quotes what it was sent. Thread-safe.
 */
public final class PrivateAnswers implements KeptAnswers {
    /** Of a message: what tells which one it is, and no more. */
    private static final List<String> OF_A_MESSAGE = List.of("message_id", "message_thread_id", "date");

    /** What may be told again of why Telegram refused; others may quote what was sent. */
    private static final List<String> REASONS = List.of(
            "Bad Request: chat not found",
            "Bad Request: message is not modified",
            "Bad Request: message to edit not found",
            "Bad Request: message to delete not found",
            "Bad Request: message to be replied not found",
            "Bad Request: message can't be edited",
            "Bad Request: message text is empty",
            "Bad Request: message is too long",
            "Bad Request: can't parse entities",
            "Forbidden: bot was blocked by the user",
            "Forbidden: bot can't initiate conversation with a user",
            "Forbidden: user is deactivated");

    private static final String OTHER = "refused, and nothing more is kept of why";

    private final PrivacyLevels levels;

    public PrivateAnswers(PrivacyLevels levels) {
        this.levels = levels;
    }

    @Override
    public Reply kept(OutboundCall call, Reply reply) {
        return isPrivate(call.user()) ? textless(reply) : reply;
    }

    /** What is kept of what came of a call that was queued; the status is the same. */
    public Attempt kept(StoredCall call, Attempt attempt) {
        return attempt instanceof Attempt.Answered(Reply reply)
                        && reply.isSuccess()
                        && isPrivate(call.chat().map(ChatId::user).orElse(OptionalLong.empty()))
                ? new Attempt.Answered(textless(reply))
                : attempt;
    }

    private boolean isPrivate(OptionalLong user) {
        return user.isPresent() && levels.of(user.getAsLong()) == PrivacyLevel.NONE;
    }

    /** The answer without any text that somebody wrote; of what is left, the same is left again. */
    public static Reply textless(Reply reply) {
        ObjectNode left = JsonMapper.shared().createObjectNode();
        try {
            JsonNode answer = JsonMapper.shared().readTree(reply.body());
            left.put("ok", answer.path("ok").asBoolean(false));
            if (answer.path("error_code").isIntegralNumber()) {
                left.set("error_code", answer.path("error_code"));
                left.put("description", reason(answer.path("description").asString("")));
            }
            JsonNode parameters = less(answer.path("parameters"), List.of("retry_after", "migrate_to_chat_id"));
            if (!parameters.isEmpty()) {
                left.set("parameters", parameters);
            }
            if (answer.has("result")) {
                left.set("result", result(answer.path("result")));
            }
        } catch (JacksonException e) {
            left.put("ok", reply.isSuccess());
        }
        return new Reply(
                reply.status(),
                JsonMapper.shared().writeValueAsBytes(left),
                reply.retryAfter(),
                reply.migrateTo(),
                reply.chat());
    }

    private static JsonNode result(JsonNode result) {
        if (result.isArray()) {
            var messages = JsonMapper.shared().createArrayNode();
            result.forEach(message -> messages.add(message(message)));
            return messages;
        }
        return result.isObject()
                ? message(result)
                : result.isBoolean() || result.isIntegralNumber()
                        ? result
                        : JsonMapper.shared().getNodeFactory().booleanNode(true);
    }

    private static ObjectNode message(JsonNode message) {
        ObjectNode left = less(message, OF_A_MESSAGE);
        if (message.path("chat").isObject()) {
            ObjectNode chat = less(message.path("chat"), List.of("id"));
            Optional.of(message.path("chat").path("type"))
                    .filter(type -> type.isString() && type.asString().matches("[a-z]{1,16}"))
                    .ifPresent(type -> chat.set("type", type));
            left.set("chat", chat);
        }
        return left;
    }

    /** Of these members the whole numbers: numbers are no text. */
    private static ObjectNode less(JsonNode object, List<String> names) {
        ObjectNode left = JsonMapper.shared().createObjectNode();
        names.stream()
                .filter(name -> object.path(name).isIntegralNumber())
                .forEach(name -> left.set(name, object.path(name)));
        return left;
    }

    private static String reason(String description) {
        return REASONS.stream().filter(description::startsWith).findFirst().orElse(OTHER);
    }
}
