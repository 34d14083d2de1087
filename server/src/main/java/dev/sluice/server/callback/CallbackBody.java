package dev.sluice.server.callback;

import dev.sluice.queue.Attempt;
import dev.sluice.queue.MessageDetails;
import dev.sluice.queue.MessageState;
import dev.sluice.queue.OwedCallback;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What is told of a message's end. Of one event it is the same at every try, as far as the message is remembered. */
final class CallbackBody {
    private final Function<MessageDetails, Optional<byte[]>> results;

    /** @param results Telegram's answer to a message that was sent; empty if it cannot be read */
    CallbackBody(Function<MessageDetails, Optional<byte[]>> results) {
        this.results = results;
    }

    /** Names an event; the same at every try. */
    static String eventId(OwedCallback owed) {
        return owed.id() + "." + owed.event();
    }

    /** @param message empty if it is not remembered any more */
    byte[] of(OwedCallback owed, Optional<MessageDetails> message) {
        // It may have come to another end meanwhile, of which there will be another callback.
        Optional<MessageDetails> same = message.filter(details -> details.state() == owed.state());
        Optional<JsonNode> result = same.filter(details -> details.state() == MessageState.SENT)
                .flatMap(results)
                .flatMap(CallbackBody::json);
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("event", eventId(owed));
        json.put("id", owed.id().toString());
        json.put("bot", owed.id().bot().value());
        json.put("state", word(owed.state()));
        json.put("failure", owed.failure().map(CallbackBody::word).orElse(null));
        json.put("reason", same.flatMap(CallbackBody::lastReason).orElse(null));
        json.put("attempts", owed.attempts());
        json.put("accepted", owed.accepted().toString());
        json.put("ended", owed.ended().toString());
        JsonNode number = result.map(answer -> answer.path("result").path("message_id"))
                .filter(JsonNode::isIntegralNumber)
                .orElse(json.nullNode());
        json.set("message_id", number);
        json.set("result", result.orElse(json.nullNode()));
        return JsonMapper.shared().writeValueAsBytes(json);
    }

    private static Optional<String> lastReason(MessageDetails message) {
        return message.state() == MessageState.SENT || message.failedAttempts().isEmpty()
                ? Optional.empty()
                : Optional.of(message.failedAttempts().getLast()).map(Attempt::reason);
    }

    private static Optional<JsonNode> json(byte[] answer) {
        try {
            return Optional.of(JsonMapper.shared().readTree(answer)).filter(JsonNode::isObject);
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
