package dev.sluice.queue;

/** Why a message will not be sent. */
public enum FailureClass {
    /** Telegram refused it for good. A dead letter. */
    REFUSED,
    /** Every attempt failed. A dead letter. */
    EXHAUSTED,
    /** Its lifetime was over before its turn. */
    EXPIRED,
    /** Somebody took it back. */
    CANCELLED,
    /** A newer message replaced it. */
    SUPERSEDED,
    /** It must not be sent: whoever was to get it has blocked the bot, say. */
    SUPPRESSED;

    /** Whether it is kept until somebody requeues or purges it. */
    public boolean isDeadLetter() {
        return this == REFUSED || this == EXHAUSTED;
    }
}
