package dev.sluice.queue;

import dev.sluice.limit.TelegramLimits;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.ChatId;
import java.util.Optional;

/** Names of lanes: what the chat's own bucket is called, since ids may stand in a key and names may not. */
final class Lanes {
    private static final String NO_CHAT = "-";
    private static final String REPLACING = "+";
    private static final String ALONG = "#";

    private Lanes() {}

    static String of(BotId bot, ChatId chat) {
        return TelegramLimits.chatBucket(bot, chat).subject();
    }

    /** What has no chat needs no order but among what replaces each other. */
    static String of(BotId bot, Optional<ChatId> chat, Optional<Replacement> replaces) {
        return chat.map(id -> of(bot, id))
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
