package dev.sluice.broadcast;

/** Where a broadcast is. */
public enum BroadcastStatus {
    /** It is fed into the queue. */
    RUNNING('R'),
    /** Nothing of it is sent until it is resumed: somebody paused it, or it did so itself. */
    PAUSED('P'),
    /** Nothing more of it is sent. */
    CANCELLED('C'),
    /** Every recipient has an outcome. */
    DONE('D');

    private final char letter;

    BroadcastStatus(char letter) {
        this.letter = letter;
    }

    char letter() {
        return letter;
    }

    static BroadcastStatus of(String letter) {
        for (BroadcastStatus status : values()) {
            if (letter.length() == 1 && letter.charAt(0) == status.letter) {
                return status;
            }
        }
        throw new IllegalStateException("no broadcast has the status " + letter);
    }
}
