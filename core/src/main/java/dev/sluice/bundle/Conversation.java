package dev.sluice.bundle;

import dev.sluice.redis.KeyDigest;
import dev.sluice.telegram.BotId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one person says to a bot in one chat: what is bundled together, and kept in order.
 *
 * @param chat the chat's numeric id, not 0; in a private chat the user's
 * @param user the sender's numeric id, not 0; below 0 if a channel or a group speaks
 */
public record Conversation(BotId bot, long chat, long user) {
    private static final Pattern NAME = Pattern.compile("(-?[0-9]{1,18}):(-?[0-9]{1,18})");

    public Conversation {
        requireId("chat id", chat);
        requireId("user id", user);
    }

    /** Somebody's private chat with the bot. */
    public static Conversation of(BotId bot, long user) {
        return new Conversation(bot, user, user);
    }

    private static void requireId(String what, long id) {
        if (id == 0 || id < -999_999_999_999_999_999L || id > 999_999_999_999_999_999L) {
            throw new IllegalArgumentException(what + " must be a number of up to 18 digits other than 0, not " + id);
        }
    }

    /** As it stands in the store, where all else is of the bot. */
    String name() {
        return chat + ":" + user;
    }

    /** @throws IllegalStateException if it is none */
    static Conversation named(BotId bot, String name) {
        Matcher numbers = NAME.matcher(name);
        if (!numbers.matches()) {
            throw new IllegalStateException("the store holds a bundle of nobody");
        }
        return new Conversation(bot, Long.parseLong(numbers.group(1)), Long.parseLong(numbers.group(2)));
    }

    /** 32 characters of hex that stand for it in logs. */
    public String digest() {
        return KeyDigest.hex(bot + ":" + name());
    }
}
