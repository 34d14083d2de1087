package dev.sluice.fsm;

import dev.sluice.redis.KeyDigest;
import dev.sluice.telegram.BotId;
import java.nio.charset.StandardCharsets;

/**
 * Which conversation: the parts by which the FSM storages of bot frameworks tell them apart.
 *
 * @param chat and {@code user}: ids as Telegram has them, up to 2^53 either way; where a chat has one state for all its users, both are the chat's,
 *     where a user has one in all chats, both are the user's
 * @param thread a topic of a forum; 0 for none
 * @param destiny tells several conversations in one place apart: any text of 1 to {@link #LONGEST_DESTINY} characters, of which only a digest is
 *     kept
 */
public record ConversationKey(BotId bot, long chat, long user, long thread, String destiny) {
    /** What frameworks call the one that is not told apart. */
    public static final String DEFAULT_DESTINY = "default";

    public static final int LONGEST_DESTINY = 128;

    /** Telegram's ids have 52 bits at most. */
    public static final long GREATEST_ID = 1L << 53;

    public ConversationKey {
        requireId("chat", chat, -GREATEST_ID);
        requireId("user", user, -GREATEST_ID);
        requireId("thread", thread, 0);
        int length = destiny.codePointCount(0, destiny.length());
        if (length < 1
                || length > LONGEST_DESTINY
                || !StandardCharsets.UTF_8.newEncoder().canEncode(destiny)) {
            throw new IllegalArgumentException(
                    "a destiny must be 1 to " + LONGEST_DESTINY + " whole characters, not " + length);
        }
    }

    public static ConversationKey of(BotId bot, long chat, long user) {
        return new ConversationKey(bot, chat, user, 0, DEFAULT_DESTINY);
    }

    public ConversationKey withThread(long newThread) {
        return new ConversationKey(bot, chat, user, newThread, destiny);
    }

    public ConversationKey withDestiny(String newDestiny) {
        return new ConversationKey(bot, chat, user, thread, newDestiny);
    }

    /** All but the user, as it may stand in a key. */
    String rest() {
        String told = destiny.equals(DEFAULT_DESTINY) ? DEFAULT_DESTINY : KeyDigest.hex(destiny);
        return bot + ":" + chat + ":" + thread + ":" + told;
    }

    /** The lock under which one handler at a time works on it. */
    String lockName() {
        return "fsm:" + user + ":" + rest();
    }

    /** What stands for it in logs. */
    String digest() {
        return KeyDigest.hex(lockName());
    }

    /** Without the destiny. */
    @Override
    public String toString() {
        return "conversation of bot " + bot + ", chat " + chat + ", user " + user + ", thread " + thread;
    }

    private static void requireId(String what, long id, long least) {
        if (id < least || id > GREATEST_ID) {
            throw new IllegalArgumentException("a " + what + " must be " + least + " to 2^53, not " + id);
        }
    }
}
