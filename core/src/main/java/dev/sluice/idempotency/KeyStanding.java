package dev.sluice.idempotency;

/** How a key stands that a call has claimed, without its result. */
public enum KeyStanding {
    /** A call under it is in flight. */
    PROCESSING,
    /** It was done. */
    COMPLETED,
    /** It was refused for good. */
    FAILED,
    /** It may have happened; nobody knows. */
    UNKNOWN,
    /** It was used for other content. */
    MISMATCH
}
