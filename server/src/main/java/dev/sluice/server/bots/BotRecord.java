package dev.sluice.server.bots;

import dev.sluice.telegram.BotId;
import java.time.Instant;
import java.util.Arrays;

/**
 * A registered bot, as it is kept.
 *
 * @param username as Telegram gave it when the token was confirmed
 * @param sealedToken its token, encrypted
 * @param added when it was registered
 * @param tokenSince when its present token was confirmed
 */
record BotRecord(BotId bot, String username, byte[] sealedToken, OwnRules rules, Instant added, Instant tokenSince) {

    BotRecord withRules(OwnRules newRules) {
        return new BotRecord(bot, username, sealedToken, newRules, added, tokenSince);
    }

    BotRecord withToken(byte[] newToken, String newUsername, Instant since) {
        return new BotRecord(bot, newUsername, newToken, rules, added, since);
    }

    BotRecord sealedAnew(byte[] sameToken) {
        return new BotRecord(bot, username, sameToken, rules, added, tokenSince);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BotRecord record
                && record.bot.equals(bot)
                && record.username.equals(username)
                && Arrays.equals(record.sealedToken, sealedToken)
                && record.rules.equals(rules)
                && record.added.equals(added)
                && record.tokenSince.equals(tokenSince);
    }

    @Override
    public int hashCode() {
        return bot.hashCode();
    }

    @Override
    public String toString() {
        return "BotRecord[" + bot + "]";
    }
}
