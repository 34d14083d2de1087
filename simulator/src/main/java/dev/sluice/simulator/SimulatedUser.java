package dev.sluice.simulator;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A person who writes to bots; what they do reaches the bot as updates, in order. Thread-safe. Every method throws
 * {@link IllegalArgumentException} if there is no such bot.
 */
public final class SimulatedUser {
    private final long id;
    private final Bots bots;
    private final Chats chats;
    private final SimulatorClock clock;

    SimulatedUser(long id, Bots bots, Chats chats, SimulatorClock clock) {
        if (id < 1) {
            throw new IllegalArgumentException("a user's id is positive, not " + id);
        }
        this.id = id;
        this.bots = bots;
        this.chats = chats;
        this.clock = clock;
    }

    public long id() {
        return id;
    }

    /** Writes in the private chat with a bot; returns the message's id. */
    public int sendText(long bot, String text) {
        return sendText(bot, id, text);
    }

    /** Writes in a group that a bot sees; returns the message's id. */
    public int sendText(long bot, long chat, String text) {
        Bot receiver = bot(bot);
        synchronized (receiver) {
            int messageId = receiver.messages().nextId();
            ObjectNode message = JsonNodeFactory.instance.objectNode();
            message.put("message_id", messageId);
            message.set("from", toJson());
            message.set("chat", chats.get(chat).toJson());
            message.put("date", clock.wallSeconds());
            FormattedText.plain(text).writeTo(message, "text", "entities");
            receiver.messages().keep(chat, messageId, message);
            receiver.updates().add("message", chat, message);
            return messageId;
        }
    }

    /** Changes a message of the private chat with a bot. */
    public void edit(long bot, int messageId, String text) {
        edit(bot, id, messageId, text);
    }

    /**
     * Changes a message.
     *
     * @throws IllegalArgumentException if the chat has no such message
     */
    public void edit(long bot, long chat, int messageId, String text) {
        Bot receiver = bot(bot);
        synchronized (receiver) {
            ObjectNode message = message(receiver, chat, messageId);
            message.put("edit_date", clock.wallSeconds());
            FormattedText.plain(text).writeTo(message, "text", "entities");
            receiver.messages().keep(chat, messageId, message);
            receiver.updates().add("edited_message", chat, message);
        }
    }

    /** Presses an inline button in the private chat with a bot; returns the callback query's id. */
    public String press(long bot, int messageId, String data) {
        return press(bot, id, messageId, data);
    }

    /**
     * Presses an inline button under a message.
     *
     * @throws IllegalArgumentException if the chat has no such message
     */
    public String press(long bot, long chat, int messageId, String data) {
        Bot receiver = bot(bot);
        synchronized (receiver) {
            String query = receiver.openCallback();
            ObjectNode callback = JsonNodeFactory.instance.objectNode();
            callback.put("id", query);
            callback.set("from", toJson());
            callback.set("message", message(receiver, chat, messageId));
            callback.put("chat_instance", Long.toString(chat * 31 + bot));
            callback.put("data", data);
            receiver.updates().add("callback_query", id, callback);
            return query;
        }
    }

    private ObjectNode toJson() {
        ObjectNode user = JsonNodeFactory.instance.objectNode();
        user.put("id", id);
        user.put("is_bot", false);
        user.put("first_name", "User " + id);
        user.put("language_code", "en");
        return user;
    }

    private Bot bot(long bot) {
        return bots.byId(bot).orElseThrow(() -> new IllegalArgumentException("there is no bot " + bot));
    }

    private static ObjectNode message(Bot bot, long chat, int messageId) {
        return bot.messages()
                .find(chat, messageId)
                .orElseThrow(() -> new IllegalArgumentException("chat " + chat + " has no message " + messageId));
    }
}
