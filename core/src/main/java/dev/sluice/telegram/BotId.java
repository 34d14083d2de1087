package dev.sluice.telegram;

/** A bot's numeric id: the part of its token before the colon. Not secret. */
public record BotId(long value) {
    public BotId {
        if (value <= 0) {
            throw new IllegalArgumentException("bot id must be positive, not " + value);
        }
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
