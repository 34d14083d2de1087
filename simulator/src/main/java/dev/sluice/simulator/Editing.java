package dev.sluice.simulator;

import dev.sluice.simulator.Turn.Done;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** editMessage*, deleteMessage(s). Edits are metered like sends; deletes are not. */
final class Editing {
    private static final List<String> CONTENT =
            List.of("photo", "document", "video", "audio", "animation", "caption", "caption_entities");
    private static final int MOST_DELETED = 100;

    private final SendingMedia media;

    Editing(SendingMedia media) {
        this.media = media;
    }

    Done editMessageText(Turn turn) {
        FormattedText text = FormattedText.of(turn.call(), "text", "entities");
        SendingText.requireText(text);
        return edit(turn, turn.bot().flood().weightOfText(text.length()), message -> {
            if (!message.has("text")) {
                throw Refusal.badRequest("there is no text in the message to edit");
            }
            text.writeTo(message, "text", "entities");
            setKeyboard(turn, message);
        });
    }

    Done editMessageCaption(Turn turn) {
        FormattedText caption = SendingMedia.caption(turn.call());
        return edit(turn, 1, message -> {
            if (message.has("text")) {
                throw Refusal.badRequest("there is no caption in the message to edit");
            }
            if (caption.text().isEmpty()) {
                message.remove(List.of("caption", "caption_entities"));
            } else {
                caption.writeTo(message, "caption", "caption_entities");
            }
            setKeyboard(turn, message);
        });
    }

    Done editMessageMedia(Turn turn) {
        JsonNode item = turn.call().json("media").orElseThrow(() -> Refusal.badRequest("input media is not specified"));
        SendingMedia.InputMedia input = media.inputMedia(turn, item);
        return edit(turn, 1, message -> {
            message.remove(CONTENT);
            message.remove(List.of("text", "entities"));
            input.kind().writeTo(message, media.file(turn, input.kind(), input.source()), input.options());
            SendingMedia.writeCaption(message, input.kind(), input.caption());
            setKeyboard(turn, message);
        });
    }

    Done editMessageReplyMarkup(Turn turn) {
        return edit(turn, 1, message -> setKeyboard(turn, message));
    }

    Done deleteMessage(Turn turn) {
        Chat chat = turn.reachableChat();
        if (!turn.bot().messages().delete(chat.id(), turn.call().number("message_id", 0))) {
            throw Refusal.badRequest("message to delete not found");
        }
        return Done.in(chat, ApiAnswer.TRUE);
    }

    Done deleteMessages(Turn turn) {
        Chat chat = turn.reachableChat();
        List<Integer> ids = turn.call().numbers("message_ids");
        if (ids.size() > MOST_DELETED) {
            throw Refusal.badRequest("too many message identifiers specified");
        }
        ids.forEach(id -> turn.bot().messages().delete(chat.id(), id));
        return Done.in(chat, ApiAnswer.TRUE);
    }

    private static Done edit(Turn turn, int weight, Consumer<ObjectNode> change) {
        if (turn.call().text("inline_message_id").isPresent()) {
            return Done.of(ApiAnswer.TRUE); // its chat is not the bot's to know: nothing to meter, nothing to keep
        }
        Chat chat = turn.reachableChat();
        int id = turn.call().number("message_id", 0);
        ObjectNode message = turn.bot()
                .messages()
                .find(chat.id(), id)
                .orElseThrow(() -> Refusal.badRequest("message to edit not found"));
        if (message.path("from").path("id").asLong(turn.bot().id())
                != turn.bot().id()) {
            throw Refusal.badRequest("message can't be edited");
        }
        ObjectNode before = message.deepCopy();
        change.accept(message);
        if (message.equals(before)) {
            throw Refusal.badRequest(
                    "message is not modified: specified new message content and reply markup are exactly the same"
                            + " as a current content and reply markup of the message");
        }
        turn.spend(chat, weight);
        message.put("edit_date", turn.dateSeconds());
        byte[] json = turn.bot().messages().keep(chat.id(), id, message);
        return new Done(ApiAnswer.raw(json), chat, weight, id);
    }

    /** Without a keyboard in the call the old one goes, as in Telegram. */
    private static void setKeyboard(Turn turn, ObjectNode message) {
        MessageShape.inlineKeyboard(turn.call())
                .filter(keyboard -> !keyboard.get("inline_keyboard").isEmpty())
                .ifPresentOrElse(
                        keyboard -> message.set("reply_markup", keyboard), () -> message.remove("reply_markup"));
    }
}
