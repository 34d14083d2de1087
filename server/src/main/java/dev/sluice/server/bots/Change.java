package dev.sluice.server.bots;

import java.time.Duration;

/** What came of a wish to change the registered bots. */
public sealed interface Change {
    record Done(Bot bot) implements Change {}

    /** It is registered already. */
    record Exists() implements Change {}

    /** It is not registered. */
    record Missing() implements Change {}

    /** Telegram does not know the token. */
    record InvalidToken() implements Change {}

    /** The token is another bot's. */
    record OtherBotsToken() implements Change {}

    /** Telegram could not be asked about the token. */
    record Unconfirmed(String why, Duration retryAfter) implements Change {}

    /** Others kept changing the same bot. */
    record Contended() implements Change {}

    /** There are as many bots as there may be. */
    record Full(int most) implements Change {}
}
