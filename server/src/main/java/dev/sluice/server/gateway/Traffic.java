package dev.sluice.server.gateway;

/** What kind of request it is. */
public enum Traffic {
    /** Counts against Telegram's send limits. */
    METERED,
    /** Any other call of the Bot API. */
    PASSED,
    /** A file's download. */
    DOWNLOAD,
    /** No call at all: a path that leads nowhere, or another HTTP method. */
    STRAY,
    /** Our own question whether a token is one. */
    TOKEN_CHECK
}
