package dev.sluice.queue;

/** Where a message is. The package's essay draws how they follow each other. */
public enum MessageState {
    /** Its time has not come. */
    DELAYED,
    /** In its chat's lane. */
    QUEUED,
    /** Handed to a worker: dispatched, and not settled yet. */
    LEASED,
    /** In its chat's lane after a failed attempt, holding it until the next one. */
    RETRYING,
    /** Telegram has it. */
    SENT,
    /** It will not be sent; a {@link FailureClass} says why. */
    FAILED,
    /** Telegram may have it. */
    UNKNOWN;

    /** Whether it counts as queued: neither sent, failed nor unknown. */
    public boolean isPending() {
        return switch (this) {
            case DELAYED, QUEUED, LEASED, RETRYING -> true;
            case SENT, FAILED, UNKNOWN -> false;
        };
    }
}
