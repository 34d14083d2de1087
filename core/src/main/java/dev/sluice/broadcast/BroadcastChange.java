package dev.sluice.broadcast;

/** What became of a change to a broadcast. */
public enum BroadcastChange {
    /** It is so, now or since before. */
    DONE,
    /** Its status does not allow it; nothing changed. */
    NOT_POSSIBLE,
    /** There is no such broadcast, or no more; nothing changed. */
    ABSENT
}
