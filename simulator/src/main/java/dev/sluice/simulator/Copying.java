package dev.sluice.simulator;

import dev.sluice.simulator.Turn.Done;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** copyMessage(s) and forwardMessage(s). A batch counts as many as it names. */
final class Copying {
    private static final int LONGEST_BATCH = 100;
    private static final List<String> NOT_COPIED = List.of(
            "message_id",
            "from",
            "sender_chat",
            "chat",
            "date",
            "edit_date",
            "reply_to_message",
            "reply_markup",
            "media_group_id",
            "forward_origin",
            "message_thread_id");

    private Copying() {}

    static Done copyMessage(Turn turn) {
        Chat chat = turn.reachableChat();
        ObjectNode original = original(
                        turn, turn.chat("from_chat_id"), turn.call().number("message_id", 0))
                .orElseThrow(() -> Refusal.badRequest("message to copy not found"));
        MessageShape shape = MessageShape.of(turn, chat);
        FormattedText caption = SendingMedia.caption(turn.call());
        turn.spend(chat, 1);
        ObjectNode copy = copy(turn, shape, original);
        if (!caption.text().isEmpty() && !copy.has("text")) {
            caption.writeTo(copy, "caption", "caption_entities");
        }
        int id = keep(turn, chat, copy);
        return new Done(ApiAnswer.ok(JsonNodeFactory.instance.objectNode().put("message_id", id)), chat, 1, id);
    }

    static Done forwardMessage(Turn turn) {
        Chat chat = turn.reachableChat();
        ObjectNode original = original(
                        turn, turn.chat("from_chat_id"), turn.call().number("message_id", 0))
                .orElseThrow(() -> Refusal.badRequest("message to forward not found"));
        MessageShape shape = MessageShape.of(turn, chat);
        turn.spend(chat, 1);
        ObjectNode forwarded = forwarded(turn, shape, original);
        int id = keep(turn, chat, forwarded);
        return new Done(ApiAnswer.ok(forwarded), chat, 1, id);
    }

    static Done copyMessages(Turn turn) {
        return batch(turn, false);
    }

    static Done forwardMessages(Turn turn) {
        return batch(turn, true);
    }

    /** Messages that are not there are left out, as in Telegram, unless none is. */
    private static Done batch(Turn turn, boolean forward) {
        Chat chat = turn.reachableChat();
        Chat from = turn.chat("from_chat_id");
        List<Integer> ids = turn.call().numbers("message_ids");
        if (ids.size() > LONGEST_BATCH) {
            throw Refusal.badRequest("too many message identifiers specified");
        }
        List<ObjectNode> originals = ids.stream()
                .map(id -> original(turn, from, id))
                .flatMap(Optional::stream)
                .toList();
        if (originals.isEmpty()) {
            throw Refusal.badRequest("there are no messages to " + (forward ? "forward" : "copy"));
        }
        MessageShape shape = MessageShape.of(turn, chat);
        turn.spend(chat, ids.size());
        ArrayNode made = JsonNodeFactory.instance.arrayNode();
        for (ObjectNode original : originals) {
            ObjectNode message = forward ? forwarded(turn, shape, original) : copy(turn, shape, original);
            made.addObject().put("message_id", keep(turn, chat, message));
        }
        return new Done(
                ApiAnswer.ok(made),
                chat,
                ids.size(),
                made.get(0).get("message_id").intValue());
    }

    private static ObjectNode copy(Turn turn, MessageShape shape, ObjectNode original) {
        ObjectNode copy = shape.message(turn.bot().messages().nextId());
        original.properties().stream()
                .filter(field -> !NOT_COPIED.contains(field.getKey()))
                .forEach(field -> copy.set(field.getKey(), field.getValue()));
        return copy;
    }

    private static ObjectNode forwarded(Turn turn, MessageShape shape, ObjectNode original) {
        ObjectNode message = copy(turn, shape, original);
        ObjectNode origin = message.putObject("forward_origin");
        if (original.has("from")) {
            origin.put("type", "user")
                    .put("date", original.get("date").longValue())
                    .set("sender_user", original.get("from"));
        } else {
            origin.put("type", "channel")
                    .put("date", original.get("date").longValue())
                    .put("message_id", original.get("message_id").intValue())
                    .set("chat", Objects.requireNonNull(original.get("chat")));
        }
        return message;
    }

    private static int keep(Turn turn, Chat chat, ObjectNode message) {
        int id = message.get("message_id").intValue();
        turn.bot().messages().keep(chat.id(), id, message);
        return id;
    }

    private static Optional<ObjectNode> original(Turn turn, Chat from, int id) {
        return turn.bot().messages().find(from.id(), id);
    }
}
