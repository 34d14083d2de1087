package dev.sluice.server.health;

/** Where the program is in its life. */
public enum Phase {
    STARTING,
    READY,
    STOPPING
}
