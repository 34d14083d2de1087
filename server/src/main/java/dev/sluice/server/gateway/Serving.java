package dev.sluice.server.gateway;

/** Whether a bot may use the gateway. */
public enum Serving {
    SERVED,
    NOT_SERVED,
    /** It may be served, but who is registered could not be read yet. */
    NOT_KNOWN
}
