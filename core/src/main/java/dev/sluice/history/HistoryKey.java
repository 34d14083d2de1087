package dev.sluice.history;

import dev.sluice.redis.KeyDigest;
import dev.sluice.telegram.BotId;

/**
 * Whose history.
 *
 * @param chat Telegram's id: of a private chat its user's, above 0; of groups and channels below 0
 */
public record HistoryKey(BotId bot, long chat) {
    /** The greatest that Telegram says ids may have: 52 significant bits. */
    public static final long GREATEST_ID = 1L << 53;

    public HistoryKey {
        if (chat == 0 || chat > GREATEST_ID || chat < -GREATEST_ID) {
            throw new IllegalArgumentException("a chat's id must be within 2^53 of 0, and not 0, not " + chat);
        }
    }

    /** Whether all that is said there is one user's, whose id the chat has. */
    public boolean isPrivate() {
        return chat > 0;
    }

    /** What stands for it in logs. */
    String digest() {
        return KeyDigest.hex("recent_history:" + chat + ":" + bot);
    }
}
