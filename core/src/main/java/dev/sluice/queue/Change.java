package dev.sluice.queue;

/** What became of a change to one message. */
public enum Change {
    /** It is done. */
    DONE,
    /** It is done: it will not be sent again. But an attempt may have reached Telegram, so it is {@link MessageState#UNKNOWN} now. */
    UNKNOWN,
    /** It is being sent at this moment; nothing changed. */
    IN_FLIGHT,
    /** It is in a state that does not allow it; nothing changed. */
    NOT_POSSIBLE,
    /** There is no such message, or no more; nothing changed. */
    ABSENT
}
