package dev.sluice.session;

import dev.sluice.redis.KeyDigest;
import dev.sluice.telegram.BotId;

/**
 * Whose session.
 *
 * @param user Telegram's id, above 0
 */
public record SessionKey(BotId bot, long user) {
    private static final long GREATEST_ID = 1L << 53;

    public SessionKey {
        if (user < 1 || user > GREATEST_ID) {
            throw new IllegalArgumentException("a user's id must be 1 to 2^53, not " + user);
        }
    }

    /** What stands for it in logs. */
    String digest() {
        return KeyDigest.hex("session:" + user + ":" + bot);
    }
}
