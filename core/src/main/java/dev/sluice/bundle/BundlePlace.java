package dev.sluice.bundle;

/** Where messages are bundled, as {@code SLUICE_TALKBUF} says. */
public enum BundlePlace {
    /** In the store that processes share. */
    SHARED,
    /** In this process' memory: for one replica, or where each person's messages come to the same one. */
    LOCAL,
    /** Nowhere: each message is handed over at once, by itself, from this process' memory. */
    OFF
}
