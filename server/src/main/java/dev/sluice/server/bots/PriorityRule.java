package dev.sluice.server.bots;

import dev.sluice.telegram.ChatId;
import dev.sluice.telegram.Method;
import dev.sluice.telegram.Priority;
import java.util.Locale;
import java.util.Optional;

/**
 * Gives calls a priority that are all it asks for; what is empty it does not ask about.
 *
 * @param methods none stands for all
 * @param reply whether it answers a message
 * @param silent whether it is sent without a sound ({@code disable_notification})
 * @param skipsLimits whether it asks to skip Sluice's own limits
 * @param chat where it goes
 */
public record PriorityRule(
        MethodSet methods,
        Optional<Boolean> reply,
        Optional<Boolean> silent,
        Optional<Boolean> skipsLimits,
        Optional<Chat> chat,
        Priority priority) {

    /** Kinds of chats, as far as an id tells. */
    public enum Chat {
        PRIVATE,
        /** Channels, too. */
        GROUP;

        static Chat of(ChatId chat) {
            return chat.isGroup() ? GROUP : PRIVATE;
        }

        /** The one of that name in any case. */
        public static Optional<Chat> parse(String text) {
            for (Chat chat : values()) {
                if (chat.name().equalsIgnoreCase(text)) {
                    return Optional.of(chat);
                }
            }
            return Optional.empty();
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What rules may ask about a call. */
    public record Traits(Method method, boolean reply, boolean silent, boolean skipsLimits, Optional<ChatId> chat) {}

    static PriorityRule any(Priority priority) {
        return new PriorityRule(
                MethodSet.NONE, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), priority);
    }

    PriorityRule ifReply() {
        return new PriorityRule(methods, Optional.of(true), silent, skipsLimits, chat, priority);
    }

    PriorityRule ifSkippingLimits() {
        return new PriorityRule(methods, reply, silent, Optional.of(true), chat, priority);
    }

    boolean matches(Traits call) {
        return (methods.names().isEmpty() || methods.contains(call.method()))
                && reply.filter(wanted -> wanted != call.reply()).isEmpty()
                && silent.filter(wanted -> wanted != call.silent()).isEmpty()
                && skipsLimits.filter(wanted -> wanted != call.skipsLimits()).isEmpty()
                && (chat.isEmpty() || call.chat().map(Chat::of).equals(chat));
    }
}
