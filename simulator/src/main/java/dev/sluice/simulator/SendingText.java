package dev.sluice.simulator;

import dev.sluice.simulator.Turn.Done;
import tools.jackson.databind.node.ObjectNode;

/** sendMessage. */
final class SendingText {
    private static final int LONGEST_TEXT = 4096;

    private SendingText() {}

    static Done sendMessage(Turn turn) {
        Chat chat = turn.reachableChat();
        FormattedText text = FormattedText.of(turn.call(), "text", "entities");
        requireText(text);
        MessageShape shape = MessageShape.of(turn, chat);
        return turn.send(chat, turn.bot().flood().weightOfText(text.length()), id -> {
            ObjectNode message = shape.message(id);
            text.writeTo(message, "text", "entities");
            return message;
        });
    }

    static void requireText(FormattedText text) {
        if (text.text().isBlank()) {
            throw Refusal.badRequest("message text is empty");
        }
        if (text.length() > LONGEST_TEXT) {
            throw Refusal.badRequest("message is too long");
        }
    }
}
