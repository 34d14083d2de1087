package dev.sluice.simulator;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A bot's messages, kept as JSON so that they can be edited, copied and replied to. Ids ascend over all chats of the bot, as
 * they do in Telegram's private chats and basic groups. Not thread-safe: its bot's lock guards it.
 */
final class MessageStore {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Kept(long chat, byte[] json) {}

    private final SharedBound bound;
    private final Map<Integer, Kept> kept = new LinkedHashMap<>();
    private int lastId;

    MessageStore(SharedBound bound) {
        this.bound = bound;
    }

    int nextId() {
        return ++lastId;
    }

    /** Keeps a message, or its newer edition, and returns its JSON. */
    byte[] keep(long chat, int id, ObjectNode message) {
        byte[] json = ApiAnswer.JSON.writeValueAsBytes(message);
        if (kept.put(id, new Kept(chat, json)) == null) {
            bound.take(1);
        }
        Iterator<Integer> oldest = kept.keySet().iterator();
        while (bound.isOver() && kept.size() > 1) {
            oldest.next();
            oldest.remove();
            bound.giveBack(1);
        }
        return json;
    }

    Optional<ObjectNode> find(long chat, int id) {
        Kept message = kept.get(id);
        return message == null || message.chat() != chat
                ? Optional.empty()
                : Optional.of((ObjectNode) ApiAnswer.JSON.readTree(message.json()));
    }

    boolean contains(long chat, int id) {
        Kept message = kept.get(id);
        return message != null && message.chat() == chat;
    }

    boolean delete(long chat, int id) {
        if (!contains(chat, id)) {
            return false;
        }
        kept.remove(id);
        bound.giveBack(1);
        return true;
    }
}
