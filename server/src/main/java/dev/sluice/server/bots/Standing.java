package dev.sluice.server.bots;

/** Whether a bot is registered. */
public enum Standing {
    REGISTERED,
    NOT_REGISTERED,
    /** The registry has not been read since this process started. */
    NOT_KNOWN
}
