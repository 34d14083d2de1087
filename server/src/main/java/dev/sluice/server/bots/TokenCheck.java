package dev.sluice.server.bots;

import dev.sluice.telegram.BotToken;
import java.time.Duration;

/** Asks Telegram whether a token is one. Thread-safe; blocks its (virtual) thread. */
@FunctionalInterface
public interface TokenCheck {
    /** Asks now, whatever was known before. */
    Verdict ask(BotToken token);

    /** What Telegram said. */
    sealed interface Verdict {
        /** It is one, of the bot of this name. */
        record Valid(String username) implements Verdict {}

        /** It is none. */
        record Invalid() implements Verdict {}

        /**
         * Nobody knows.
         *
         * @param why a few words for whoever asked
         * @param retryAfter when to ask again
         */
        record NotKnown(String why, Duration retryAfter) implements Verdict {}
    }
}
