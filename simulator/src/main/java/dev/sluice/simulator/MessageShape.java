package dev.sluice.simulator;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The part of a Message object that all kinds of messages share, and the parameters it comes from. */
final class MessageShape {
    private static final int CALLBACK_DATA_BYTES = 64;

    private final Turn turn;
    private final Chat chat;
    private final @Nullable ObjectNode replyTo;
    private final @Nullable JsonNode keyboard;

    private MessageShape(Turn turn, Chat chat, @Nullable ObjectNode replyTo, @Nullable JsonNode keyboard) {
        this.turn = turn;
        this.chat = chat;
        this.replyTo = replyTo;
        this.keyboard = keyboard;
    }

    /** Checks the common parameters before anything is spent. */
    static MessageShape of(Turn turn, Chat chat) {
        return new MessageShape(
                turn, chat, replyTo(turn, chat), inlineKeyboard(turn.call()).orElse(null));
    }

    ObjectNode message(int id) {
        ObjectNode message = JsonNodeFactory.instance.objectNode();
        message.put("message_id", id);
        ObjectNode chatJson = chat.toJson();
        if (chat.isChannel()) {
            message.set("sender_chat", chatJson);
        } else {
            message.set("from", botUser(turn.bot().account()));
        }
        message.set("chat", chatJson);
        message.put("date", turn.dateSeconds());
        int thread = turn.call().number("message_thread_id", 0);
        if (thread != 0) {
            message.put("message_thread_id", thread);
        }
        if (replyTo != null) {
            message.set("reply_to_message", replyTo);
        }
        if (turn.call().flag("protect_content")) {
            message.put("has_protected_content", true);
        }
        if (keyboard != null) {
            message.set("reply_markup", keyboard);
        }
        return message;
    }

    static ObjectNode botUser(BotAccount account) {
        ObjectNode user = JsonNodeFactory.instance.objectNode();
        user.put("id", account.id());
        user.put("is_bot", true);
        user.put("first_name", account.name());
        user.put("username", account.username());
        return user;
    }

    /** The keyboard that stays with the message; the other kinds of reply markup are the chat's, and not echoed. */
    static Optional<JsonNode> inlineKeyboard(ApiCall call) {
        Optional<JsonNode> markup = call.json("reply_markup");
        if (markup.isPresent() && !markup.get().isObject()) {
            throw Refusal.badRequest("object expected as reply markup");
        }
        Optional<JsonNode> keyboard = markup.filter(node -> node.has("inline_keyboard"));
        keyboard.ifPresent(node -> node.get("inline_keyboard").forEach(row -> row.forEach(MessageShape::checkButton)));
        return keyboard;
    }

    private static void checkButton(JsonNode button) {
        if (button.path("text").asString("").isEmpty()) {
            throw Refusal.badRequest("can't parse inline keyboard button: Field \"text\" must be of type String");
        }
        int bytes = button.path("callback_data").asString("").getBytes(StandardCharsets.UTF_8).length;
        if (bytes > CALLBACK_DATA_BYTES) {
            throw Refusal.badRequest("BUTTON_DATA_INVALID");
        }
    }

    private static @Nullable ObjectNode replyTo(Turn turn, Chat chat) {
        Optional<JsonNode> parameters = turn.call().json("reply_parameters");
        int id = parameters
                .map(node -> node.path("message_id").asInt(0))
                .orElseGet(() -> turn.call().number("reply_to_message_id", 0));
        boolean mayBeMissing = parameters
                .map(node -> node.path("allow_sending_without_reply").asBoolean(false))
                .orElseGet(() -> turn.call().flag("allow_sending_without_reply"));
        boolean elsewhere = parameters.map(node -> node.has("chat_id")).orElse(false);
        if (id == 0 || elsewhere) {
            return null; // a reply to another chat's message is shown as a quote there, which this simulator leaves out
        }
        Optional<ObjectNode> found = turn.bot().messages().find(chat.id(), id);
        if (found.isEmpty() && !mayBeMissing) {
            throw Refusal.badRequest("message to be replied not found");
        }
        found.ifPresent(message -> message.remove("reply_to_message")); // one level deep, as in Telegram
        return found.orElse(null);
    }
}
