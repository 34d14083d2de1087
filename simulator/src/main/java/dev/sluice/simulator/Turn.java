package dev.sluice.simulator;

import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A call while its bot's lock is held.
 *
 * @param nanos when it was decided: flood control and ledger see the same time
 */
record Turn(Bot bot, ApiCall call, Chats chats, SimulatorClock clock, long nanos) {

    /**
     * What came of a call.
     *
     * @param chat whose ledger page it belongs on, if any
     * @param weight messages that the chat received
     * @param messageId of the first of them, else 0
     */
    record Done(ApiAnswer answer, @Nullable Chat chat, int weight, int messageId) {
        static Done of(ApiAnswer answer) {
            return new Done(answer, null, 0, 0);
        }

        static Done in(Chat chat, ApiAnswer answer) {
            return new Done(answer, chat, 0, 0);
        }
    }

    /** The chat that {@code chat_id} names, if the bot can write to it. */
    Chat reachableChat() {
        Chat chat = chat("chat_id");
        chats.requireReachable(chat);
        return chat;
    }

    /** The chat that a parameter names, reachable or not. */
    Chat chat(String parameter) {
        return chats.find(call.text(parameter).orElseThrow(() -> Refusal.badRequest(parameter + " is empty")));
    }

    /** Spends from the limits that the chat falls under, or throws the 429. */
    void spend(Chat chat, int weight) {
        int retryAfter = bot.flood().admit(nanos, chat.id(), weight, call.flag("allow_paid_broadcast"));
        if (retryAfter > 0) {
            throw Refusal.tooManyRequests(retryAfter);
        }
    }

    /** Spends, makes one message of the new id and keeps it. */
    Done send(Chat chat, int weight, IntFunction<ObjectNode> message) {
        spend(chat, weight);
        int id = bot.messages().nextId();
        byte[] json = bot.messages().keep(chat.id(), id, message.apply(id));
        return new Done(ApiAnswer.raw(json), chat, weight, id);
    }

    long dateSeconds() {
        return clock.wallMicros(nanos) / 1_000_000;
    }
}
