package dev.sluice.server.gateway;

import dev.sluice.queue.MessageId;
import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the caller of a queued call is told: a result of the shape that its library expects from the method. Message and date
 * are 0, which in the Bot API says that a message is not accessible.
 */
final class Acceptance {
    /** Methods that answer nothing but that it is done. */
    private static final Set<String> TRUE = Set.of(
            "sendgift", "sendmessagedraft", "editforumtopic", "editgeneralforumtopic", "edituserstarsubscription");

    /** Methods that are called for the sake of what they answer. */
    private static final Set<String> FOR_THEIR_ANSWER =
            Set.of("editchatinvitelink", "editchatsubscriptioninvitelink", "editstory");

    private static final String SUPERGROUP_PREFIX = "-100";

    private Acceptance() {}

    /** Whether there can be an answer before the method has run. */
    static boolean isPossible(Method method) {
        return !FOR_THEIR_ANSWER.contains(method.canonical());
    }

    static Answer of(Method method, Optional<ChatId> chat, int cost, MessageId id, boolean durable, boolean known) {
        ObjectNode root = Envelope.JSON.createObjectNode().put("ok", true);
        root.set("result", result(method, chat, cost));
        root.putObject("sluice")
                .put("outcome", known ? "duplicate" : "queued")
                .put("id", id.toString())
                .put("durable", durable);
        return new Answer(202, Envelope.JSON.writeValueAsBytes(root), Optional.empty(), known);
    }

    private static JsonNode result(Method method, Optional<ChatId> chat, int cost) {
        String name = method.canonical();
        if (TRUE.contains(name) || (name.startsWith("edit") && chat.isEmpty())) { // of an inline message
            return Envelope.JSON.getNodeFactory().booleanNode(true);
        }
        return switch (name) {
            case "copymessage" -> number();
            case "copymessages", "forwardmessages" -> {
                ArrayNode numbers = Envelope.JSON.createArrayNode();
                for (int i = 0; i < cost; i++) {
                    numbers.add(number());
                }
                yield numbers;
            }
            case "sendmediagroup" -> {
                ArrayNode album = Envelope.JSON.createArrayNode();
                for (int i = 0; i < cost; i++) {
                    album.add(message(chat));
                }
                yield album;
            }
            default -> message(chat);
        };
    }

    private static ObjectNode number() {
        return Envelope.JSON.createObjectNode().put("message_id", 0);
    }

    private static ObjectNode message(Optional<ChatId> chat) {
        ObjectNode message = number().put("date", 0);
        chat.ifPresent(named -> {
            ObjectNode shown = message.putObject("chat");
            if (named.isUsername()) {
                shown.put("id", 0)
                        .put("type", "channel")
                        .put("username", named.value().substring(1));
            } else {
                shown.put("id", Long.parseLong(named.value())).put("type", type(named));
            }
        });
        return message;
    }

    private static String type(ChatId chat) {
        if (!chat.isGroup()) {
            return "private";
        }
        return chat.value().startsWith(SUPERGROUP_PREFIX) ? "supergroup" : "group";
    }
}
