package dev.sluice.queue;

/** What became of a message that was to be restored. */
public enum Restored {
    /** It is there again. */
    ADDED,
    /** It is there already, wherever it has come to meanwhile. Nothing changed. */
    KNOWN,
    /** Another message was accepted under its key meanwhile. Nothing changed. */
    KEY_TAKEN,
    /** It had ended, and is not remembered any more. Nothing changed. */
    FORGOTTEN,
    /** The queue has no room. Nothing changed. */
    FULL,
    /** Its id is of a time to come. Nothing changed. */
    AHEAD
}
