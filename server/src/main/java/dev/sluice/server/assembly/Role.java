package dev.sluice.server.assembly;

/** What a process does. */
public enum Role {
    /** Takes calls, and sends what is queued. */
    ALL,
    /** Takes calls. */
    GATEWAY,
    /** Sends what is queued; answers operators, and no bot. */
    WORKER;

    boolean takesCalls() {
        return this != WORKER;
    }

    boolean works() {
        return this != GATEWAY;
    }
}
