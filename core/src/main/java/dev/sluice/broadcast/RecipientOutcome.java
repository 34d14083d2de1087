package dev.sluice.broadcast;

import dev.sluice.queue.FailureClass;
import dev.sluice.queue.MessageDetails;

/** What became of one recipient: one byte in the store. */
public enum RecipientOutcome {
    /** Its message is not queued yet. */
    WAITING('\0'),
    /** Its message is in the bot's queue. */
    QUEUED('Q'),
    SENT('S'),
    /** Telegram refused it for good: a dead letter of the queue's. */
    REFUSED('R'),
    /** Every attempt failed: a dead letter of the queue's. */
    EXHAUSTED('X'),
    EXPIRED('E'),
    /** The broadcast was cancelled, or somebody took back this message. */
    CANCELLED('C'),
    SUPERSEDED('P'),
    /** Telegram said that this chat cannot be reached any more. */
    SUPPRESSED('N'),
    /** It was not tried, since the chat could not be reached lately. */
    SKIPPED('K'),
    /** Telegram may have it. */
    UNKNOWN('U');

    private final char letter;

    RecipientOutcome(char letter) {
        this.letter = letter;
    }

    char letter() {
        return letter;
    }

    /** Whether it will not change any more. */
    public boolean isFinal() {
        return this != WAITING && this != QUEUED;
    }

    static RecipientOutcome of(int letter) {
        for (RecipientOutcome outcome : values()) {
            if (outcome.letter == letter) {
                return outcome;
            }
        }
        throw new IllegalStateException("no recipient has the outcome " + letter);
    }

    /** What a message came to; {@link #QUEUED} while it is pending. */
    static RecipientOutcome of(MessageDetails message) {
        return switch (message.state()) {
            case DELAYED, QUEUED, LEASED, RETRYING -> QUEUED;
            case SENT -> SENT;
            case UNKNOWN -> UNKNOWN;
            case FAILED -> of(message.failure().orElseThrow());
        };
    }

    private static RecipientOutcome of(FailureClass failure) {
        return switch (failure) {
            case REFUSED -> REFUSED;
            case EXHAUSTED -> EXHAUSTED;
            case EXPIRED -> EXPIRED;
            case CANCELLED -> CANCELLED;
            case SUPERSEDED -> SUPERSEDED;
            case SUPPRESSED -> SUPPRESSED;
        };
    }
}
