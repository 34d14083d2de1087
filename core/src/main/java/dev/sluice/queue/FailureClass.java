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

    /** Whether nobody wanted it sent any more: whether an attempt had reached Telegram is another question. */
    boolean isGivenUp() {
        return this == EXPIRED || this == CANCELLED || this == SUPERSEDED;
    }

    /** Whether it is kept until somebody requeues or purges it. */
    public boolean isDeadLetter() {
        return this == REFUSED || this == EXHAUSTED;
    }
}
