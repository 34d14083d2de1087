package dev.sluice.queue;

import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.ChatId;
import java.util.Optional;

/** Names of lanes: what the chat's own bucket is called, since ids may stand in a key and names may not. */
final class Lanes {
    private static final String NO_CHAT = "-";
    private static final String REPLACING = "+";
    private static final String ALONG = "#";

    private Lanes() {}

    static String of(ChatId chat) {
        return TelegramLimits.subject(chat);
    }

    /** Whether a chat may be known by that id: both are chats, and an id is a number. */
    static void requireIdentity(ChatId chat, ChatId id) {
        if (!id.isNumeric()) {
            throw new IllegalArgumentException(
                    "a chat is known by a number, not by " + (id.isUsername() ? "a name" : id));
        }
        if (!chat.isGroup()) {
            throw new IllegalArgumentException("only groups and channels get another id, not " + chat);
        }
    }

    /** What has no chat needs no order but among what replaces each other. */
    static String of(Optional<ChatId> chat, Optional<Replacement> replaces) {
        return chat.map(Lanes::of)
                .orElseGet(() -> replaces.map(what -> REPLACING + what.target()).orElse(NO_CHAT));
    }

    /** The lane of its own that a message has while it is sent together with the head of {@code lane}. */
    static String along(MessageId id, String lane) {
        return ALONG + id.number() + " " + lane;
    }

    static boolean isAlong(String lane) {
        return lane.startsWith(ALONG);
    }

    /** The lane that a message was in, and belongs to. */
    static String home(String lane) {
        return isAlong(lane) ? lane.substring(lane.indexOf(' ') + 1) : lane;
    }

    /** The chat as {@link MessageDetails} names it. */
    static String chat(String lane) {
        return lane.startsWith(REPLACING) ? NO_CHAT : home(lane);
    }
}
