package dev.sluice.limit;

/** What a message is counted with over all of a bot's chats. */
public enum SendLane {
    /** All that is in no other lane. */
    BOT,
    /** Paid broadcasts, whatever else they are. */
    PAID,
    /** Messages that answer one, where {@link TelegramLimits#replies()} are limited apart; else as {@link #BOT}. */
    REPLIES;

    /** The lane of a message. */
    public static SendLane of(boolean paid, boolean reply) {
        return paid ? PAID : reply ? REPLIES : BOT;
    }
}
