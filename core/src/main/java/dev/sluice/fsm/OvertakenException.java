package dev.sluice.fsm;

import dev.sluice.SluiceException;

/** The lock under which a conversation was to be moved was lost, and somebody else was let in. */
public final class OvertakenException extends SluiceException {
    private static final long serialVersionUID = 1L;

    private final long fence;

    OvertakenException(long fence) {
        super("the lock of the conversation was lost: fence " + fence + " was there");
        this.fence = fence;
    }

    /** The greatest that was seen. */
    public long fence() {
        return fence;
    }
}
